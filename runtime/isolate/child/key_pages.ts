/**
 * Reads the keys of a shard page by page, with values where they are asked for.
 *
 * Two pages are under way at a time: while the values of one come, the next is being scanned, so
 * that the server always has something to do.
 *
 * @module
 */

import type { Link } from "../../../redis/link.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { PageSegment, ReadRequest } from "../worker_border.ts";
import type { Page } from "./readings.ts";
import { parseScanReply, type ScannedKeys, throwIfError } from "./scan_reply.ts";
import { ValueReader } from "./value_reader.ts";

/** Pages whose values may be on their way at the same time. */
const PAGES_UNDER_WAY = 2;
/** A page whose values are larger is followed by smaller ones. */
const TARGET_PAGE_BYTES = 2 * 1024 * 1024;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

/** Pages of the keys that match. @throws Error with what Redis answered */
export async function* readKeyPages(
  link: Link,
  request: KeysRequest,
  clustered: boolean,
): AsyncGenerator<Page, void, void> {
  const values = request.readValue ? new ValueReader(link, clustered) : null;
  if (request.noScan) {
    const segments = await readOneKey(link, request, values);
    yield { segments, scanned: 1, expected: 1 };
    return;
  }
  const scanner = new Scanner(link, request);
  const expected = await scanner.countKeys();
  const underWay: Promise<readonly PageSegment[]>[] = [];
  let scanned = 0;
  let page: Promise<ScannedKeys> | null = handled(scanner.next());
  while (page !== null || underWay.length > 0) {
    if (page !== null && underWay.length < PAGES_UNDER_WAY) {
      const keys: ScannedKeys = await page;
      // Scan first: its reply is on its way while the server reads values.
      page = keys.cursor === "0" ? null : handled(scanner.next());
      const segments = values === null ? [withoutValues(keys)] : values.read(keys);
      underWay.push(handled(Promise.resolve(segments)));
      continue;
    }
    const segments = await underWay.shift()!;
    scanned += scanner.count;
    if (values !== null) scanner.adapt(segments);
    yield { segments, scanned: Math.min(scanned, expected), expected };
  }
}

/** A promise that may fail while nobody waits for it: whoever awaits it later hears of that. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Follows the cursor of SCAN. */
class Scanner {
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
    const decoder = new RespDecoder(await send(this.#link, ["DBSIZE"]));
    return decoder.peekType() === "-".charCodeAt(0) ? 0 : Number(decoder.next());
  }

  async next(): Promise<ScannedKeys> {
    const match = this.#pattern === "*" ? [] : ["MATCH", this.#pattern];
    const reply = await send(this.#link, ["SCAN", this.#cursor, ...match, "COUNT", this.count]);
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

async function readOneKey(
  link: Link,
  request: KeysRequest,
  values: ValueReader | null,
): Promise<readonly PageSegment[]> {
  const encoder = new RespEncoder();
  encoder.command([request.pattern]);
  // A command of one word is `*1` and the word as a bulk string.
  const keys = encoder.take().slice("*1\r\n".length);
  const exists = new RespDecoder(await send(link, ["EXISTS", request.pattern]));
  throwIfError(exists);
  if (exists.next() === 0) {
    const empty: PageSegment = { type: "empty", count: 1, keys, values: null };
    return request.emptyRecord ? [request.readValue ? empty : { ...empty, type: "keys" }] : [];
  }
  const scanned: ScannedKeys = { cursor: "0", count: 1, keys };
  return values === null ? [withoutValues(scanned)] : await values.read(scanned);
}

function withoutValues({ count, keys }: ScannedKeys): PageSegment {
  return { type: "keys", count, keys, values: null };
}

function send(link: Link, command: (string | number)[]): Promise<Uint8Array> {
  const encoder = new RespEncoder(256);
  encoder.command(command);
  return link.request(encoder.take(), 1);
}
