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
import { ask, Scanner, withoutValues } from "./key_scanner.ts";
import type { KeySource } from "./key_source.ts";
import type { Page } from "./readings.ts";
import { isElsewhere, type ScannedKeys, throwIfError } from "./scan_reply.ts";
import { SlotSource } from "./slot_source.ts";
import { ValueReader } from "./value_reader.ts";

/** Pages whose values may be on their way at the same time. */
const PAGES_UNDER_WAY = 2;

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
  const slots = clustered && values !== null
    ? await SlotSource.open(link, request, expected)
    : null;
  const source: KeySource = slots ?? scanner;
  const underWay: Promise<readonly PageSegment[]>[] = [];
  let scanned = 0;
  let page: Promise<ScannedKeys> | null = handled(source.next());
  while (page !== null || underWay.length > 0) {
    if (page !== null && underWay.length < PAGES_UNDER_WAY) {
      const keys: ScannedKeys = await page;
      // Scan first: its reply is on its way while the server reads values.
      page = keys.cursor === "0" ? null : handled(source.next());
      const segments = values === null ? [withoutValues(keys)] : values.read(keys);
      underWay.push(handled(Promise.resolve(segments)));
      continue;
    }
    const segments = await underWay.shift()!;
    scanned += source.count;
    if (values !== null) source.adapt(segments);
    yield { segments, scanned: Math.min(scanned, expected), expected };
  }
}

/** A promise that may fail while nobody waits for it: whoever awaits it later hears of that. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
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
  const reply = await ask(link, ["EXISTS", request.pattern]);
  if (isElsewhere(reply)) return [];
  const exists = new RespDecoder(reply);
  throwIfError(exists);
  if (exists.next() === 0) {
    const empty: PageSegment = { type: "empty", count: 1, keys, values: null };
    return request.emptyRecord ? [request.readValue ? empty : { ...empty, type: "keys" }] : [];
  }
  const scanned: ScannedKeys = { cursor: "0", count: 1, keys };
  return values === null ? [withoutValues(scanned)] : await values.read(scanned);
}
