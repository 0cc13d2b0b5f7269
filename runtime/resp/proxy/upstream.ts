/**
 * One client's own connection to Redis: opened when it is first needed, closed with the client, and
 * never opened again, as nobody could restore what Redis knew of the client.
 *
 * What Redis sends is passed to the client chunk by chunk; the next one is read when the client
 * took the last. The {@linkcode ReplyTracker} says what of it is a reply to whom.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { openConnection, type RedisConnection, tryClose } from "../../../redis/link/handshake.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import { type ClientSink, writeAll } from "../requests/client_sink.ts";
import type { FrameTest } from "./frame_capture.ts";
import type { ReplyTracker } from "./reply_tracker.ts";
import type { RespLimits } from "../replies/resp_limits.ts";

/** Parts of an upstream. */
export interface UpstreamOptions {
  /** Host, port and TLS of Redis; its credentials are the runtime's and not used here. */
  readonly redis: RedisAddress;
  /** Told of all that is sent and received. */
  readonly tracker: ReplyTracker;
  /** Sink for the bytes that Redis sends. */
  readonly sink: ClientSink;
  /** Sizes and times. */
  readonly limits: RespLimits;
  /** Called once when an open connection has ended. */
  readonly onEnd: () => void;
}

/** One client's connection to Redis. */
export class Upstream {
  readonly #options: UpstreamOptions;
  #conn: RedisConnection | undefined;
  #opening: Promise<RedisConnection> | undefined;
  /** The loop that passes on what Redis sends. */
  #pumping: Promise<void> = Promise.resolve();
  /** There was a connection, or it is no longer wanted: there will be none. */
  #isClosed = false;
  #waiting: { readonly resolve: () => void; readonly reject: (error: PinionError) => void }[] = [];

  /** Opens nothing yet. */
  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Tells whether there is a connection now. */
  get isOpen(): boolean {
    return this.#conn !== undefined;
  }

  /** Resolves when there is no connection any more, or none yet. */
  async ended(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#pumping;
  }

  /**
   * Sends bytes as they are; resolves when Redis took them.
   *
   * @param commands How many commands begin in them.
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async forward(bytes: Uint8Array, commands: number): Promise<void> {
    const conn = this.#conn ?? await this.#open();
    this.#options.tracker.expect(commands);
    try {
      await writeAll(conn, bytes);
    } catch {
      // What Redis sent before it ended is still to be passed on.
      await this.#pumping;
      throw lostRedis();
    }
  }

  /**
   * Sends a command of our own and takes its reply out of the stream.
   *
   * @param test Which frame is the reply; default: the next. It is not counted as one of the
   * client's.
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async ask(command: readonly string[], test: FrameTest = () => true): Promise<Uint8Array> {
    const conn = this.#conn ?? await this.#open();
    const encoder = new RespEncoder(256);
    encoder.command(command);
    const reply = this.#options.tracker.capture(test);
    const [frame] = await Promise.all([reply, this.#send(conn, encoder.take())]);
    return frame;
  }

  /** Resolves when no reply is outstanding. @throws {PinionError} `REDIS_UNAVAILABLE` */
  async settle(): Promise<void> {
    while (this.#options.tracker.outstanding > 0) {
      if (!this.isOpen) throw lostRedis();
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
  }

  /** The client will send nothing more: Redis ends the connection when it has answered. */
  async closeWrite(): Promise<void> {
    try {
      await this.#conn?.closeWrite();
    } catch {
      this.close();
    }
  }

  /** Closes the connection at once. */
  close(): void {
    this.#isClosed = true;
    tryClose(this.#conn);
    this.#conn = undefined;
    this.#fail();
  }

  async #send(conn: RedisConnection, bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(conn, bytes);
    } catch {
      // The end of the pump, which passes on what there still is, fails the question, too.
      await this.#pumping;
      throw lostRedis();
    }
  }

  #open(): Promise<RedisConnection> {
    if (this.#isClosed) return Promise.reject(lostRedis());
    return this.#opening ??= this.#connect().finally(() => this.#opening = undefined);
  }

  async #connect(): Promise<RedisConnection> {
    const { redis, limits } = this.#options;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(slowRedis()), limits.connectTimeoutMs);
    const conn = await openConnection(redis, timeout.signal).finally(() => clearTimeout(timer));
    if (this.#isClosed) {
      tryClose(conn);
      throw lostRedis();
    }
    this.#conn = conn;
    this.#pumping = this.#pump(conn);
    return conn;
  }

  /** Passes on what Redis sends until one side has ended. */
  async #pump(conn: RedisConnection): Promise<void> {
    const { tracker, limits, onEnd } = this.#options;
    const buffer = new Uint8Array(limits.readBufferBytes);
    try {
      for (let read; (read = await conn.read(buffer)) !== null;) {
        await this.#pass(buffer.subarray(0, read));
        if (tracker.outstanding === 0 && this.#waiting.length > 0) {
          for (const { resolve } of this.#waiting.splice(0)) resolve();
        }
      }
    } catch {
      // Either side broke off; what that means is for the client's connection to say.
    }
    tryClose(conn);
    this.#isClosed = true;
    if (this.#conn !== conn) return;
    this.#conn = undefined;
    this.#fail();
    onEnd();
  }

  async #pass(chunk: Uint8Array): Promise<void> {
    const { tracker, sink } = this.#options;
    const { parts, endsAtBoundary } = tracker.take(chunk);
    await sink.pass(parts, endsAtBoundary);
  }

  #fail(): void {
    const error = lostRedis();
    this.#options.tracker.fail(error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function slowRedis(): PinionError {
  return new PinionError("REDIS_UNAVAILABLE", "Redis does not answer; try again later");
}

function lostRedis(): PinionError {
  return new PinionError("REDIS_UNAVAILABLE", "Redis closed the connection; try again later");
}
