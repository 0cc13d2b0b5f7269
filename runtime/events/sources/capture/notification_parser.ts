/**
 * Takes the stream of a subscribed connection apart.
 *
 * @module
 */

import { concatBytes } from "../../../../redis/bytes.ts";
import { FrameScanner } from "../../../../redis/frame_scanner.ts";
import { RespDecoder, RespError } from "../../../../redis/resp_decoder.ts";
import { TYPE } from "../../../../redis/resp_frame.ts";
import type { KeyName } from "../../../../contract/isolate/key_name.ts";

/** Taker of a subscribed connection's messages. */
export interface NotificationSink {
  /** Of a key, by the pattern that asked for it. */
  onKeyEvent(pattern: string, key: KeyName, event: string): void;
  /** A message of a channel that was subscribed to by its name. */
  onMessage(channel: string, payload: KeyName): void;
  onSubscribed(pattern: string): void;
  onUnsubscribed(pattern: string): void;
  /** A PING was answered, and with it all that was sent before. */
  onPong(token: string): void;
  onError(error: RespError): void;
}

/** Parses the replies of a subscribed connection. */
export class NotificationParser {
  readonly #sink: NotificationSink;
  /** Length of `__keyspace@0__:`, behind which a channel has the key. */
  readonly #channelChars: number;
  readonly #scanner = new FrameScanner();
  /** The beginning of a frame whose end has not come yet. */
  #rest: Uint8Array[] = [];
  /** Names of events, each kept once, so that none holds on to the text that it came in. */
  readonly #events = new Map<string, string>();

  constructor(channelChars: number, sink: NotificationSink) {
    this.#channelChars = channelChars;
    this.#sink = sink;
  }

  /** Takes a chunk, cut anywhere. It is not kept. @throws `BAD_FRAME` */
  push(chunk: Uint8Array): void {
    let end = 0;
    for (let at = this.#scanner.scan(chunk, 0); at !== -1; at = this.#scanner.scan(chunk, end)) {
      end = at;
      if (end === chunk.byteLength) break;
    }
    if (end === 0) return void this.#rest.push(chunk.slice());
    const whole = chunk.subarray(0, end);
    const bytes = this.#rest.length === 0 ? whole : concatBytes([...this.#rest, whole]);
    this.#rest = end < chunk.byteLength ? [chunk.slice(end)] : [];
    const decoder = new RespDecoder(bytes);
    while (!decoder.done) this.#take(decoder);
  }

  #take(decoder: RespDecoder): void {
    if (decoder.peekType() !== TYPE.array) return this.#takeReply(decoder.next());
    const length = decoder.readAggregateLength();
    const kind = decoder.readBulkText();
    if (kind === "pmessage" && length === 4) {
      const pattern = decoder.readBulkText() as string;
      const channel = decoder.readBulkText()!;
      const event = decoder.readBulkText()!;
      const key = channel.slice(this.#channelChars);
      return this.#sink.onKeyEvent(pattern, key, this.#eventName(String(event)));
    }
    const rest: unknown[] = [];
    for (let index = 1; index < length; index++) rest.push(decoder.next());
    if (kind === "psubscribe") this.#sink.onSubscribed(String(rest[0]));
    else if (kind === "punsubscribe") this.#sink.onUnsubscribed(String(rest[0]));
    else if (kind === "message") this.#sink.onMessage(String(rest[0]), rest[1] as KeyName);
    else if (kind === "pong") this.#sink.onPong(String(rest[0]));
  }

  /** Takes the answer to a PING where nothing is subscribed to: it is one as on any connection. */
  #takeReply(value: unknown): void {
    if (value instanceof RespError) this.#sink.onError(value);
    else this.#sink.onPong(String(value));
  }

  #eventName(event: string): string {
    const known = this.#events.get(event);
    if (known !== undefined) return known;
    // Modules may make up names; those of a server are a hundred.
    if (this.#events.size < 1_000) this.#events.set(event, event);
    return event;
  }
}
