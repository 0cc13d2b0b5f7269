/**
 * Follows the cursor of SCAN.
 *
 * @module
 */

import type { Link } from "../../../redis/link.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { PageSegment, ReadRequest } from "../worker_border.ts";
import { parseScanReply, type ScannedKeys } from "./scan_reply.ts";

/** A page whose values are larger is followed by smaller ones. */
const TARGET_PAGE_BYTES = 2 * 1024 * 1024;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

/** See the module. */
export class Scanner {
  readonly #link: Link;
  readonly #pattern: string;
  readonly #maxCount: number;
  #cursor = "0";
  /** COUNT of the next SCAN. */
  count: number;

  constructor(link: Link, { pattern, count }: KeysRequest) {
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

  /** Keeps pages near the size that memory is planned for, whatever the size of values. */
  adapt(segments: readonly PageSegment[]): void {
    let byteLength = 0;
    for (const { values } of segments) byteLength += values?.byteLength ?? 0;
    if (byteLength > TARGET_PAGE_BYTES) this.count = Math.max(1, this.count >> 1);
    else if (byteLength < TARGET_PAGE_BYTES >> 2) {
      this.count = Math.min(this.#maxCount, this.count << 1);
    }
  }
}

/** Keys as a page without their values. */
export function withoutValues({ count, keys }: ScannedKeys): PageSegment {
  return { type: "keys", count, keys, values: null };
}

/** Runs one command; the raw reply. */
export function ask(link: Link, command: (string | number)[]): Promise<Uint8Array> {
  const encoder = new RespEncoder(256);
  encoder.command(command);
  return link.request(encoder.take(), 1);
}
