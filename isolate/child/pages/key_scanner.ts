/**
 * Follows the cursor of SCAN.
 *
 * @module
 */

import type { RedisLink } from "../../../redis/link/redis_link.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import type { RequestLink } from "./asking_link.ts";
import { type KeySource, nextCount } from "./key_source.ts";
import { parseScanReply, type ScannedKeys } from "./scan_reply.ts";

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

/** Finds keys by SCAN. */
export class Scanner implements KeySource {
  readonly #link: RedisLink;
  readonly #pattern: string;
  readonly #maxCount: number;
  #cursor = "0";
  /** COUNT of the next SCAN. */
  count: number;

  constructor(link: RedisLink, { pattern, count }: KeysRequest) {
    this.#link = link;
    this.#pattern = pattern;
    this.#maxCount = count;
    this.count = count;
  }

  async countKeys(): Promise<number> {
    const decoder = new RespDecoder(await ask(this.#link, ["DBSIZE"]));
    return decoder.peekType() === "-".charCodeAt(0) ? 0 : Number(decoder.next());
  }

  async next(): Promise<ScannedKeys> {
    const match = this.#pattern === "*" ? [] : ["MATCH", this.#pattern];
    const reply = await ask(this.#link, ["SCAN", this.#cursor, ...match, "COUNT", this.count]);
    const keys = parseScanReply(reply);
    this.#cursor = keys.cursor;
    return keys;
  }

  adapt(segments: readonly PageSegment[]): void {
    this.count = nextCount(this.count, this.#maxCount, segments);
  }
}

/** Keys as a page without their values. */
export function withoutValues({ count, keys }: ScannedKeys): PageSegment {
  return { type: "keys", count, keys, values: null };
}

/** Runs one command; the raw reply. */
export function ask(link: RequestLink, command: (string | number)[]): Promise<Uint8Array> {
  const encoder = new RespEncoder(256);
  encoder.command(command);
  return link.request(encoder.take(), 1);
}
