/**
 * Reads the keys of a shard page by page, with values where they are asked for.
 *
 * Two pages are under way at a time: while the values of one come, the next is being scanned, so
 * that the server always has something to do.
 *
 * @module
 */

import type { RedisLink } from "../../../redis/link/redis_link.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { Scanner, withoutValues } from "./key_scanner.ts";
import type { KeySource } from "./key_source.ts";
import type { KeyPage } from "./page.ts";
import type { ScannedKeys } from "./scan_reply.ts";
import { SlotSource } from "./slot_source.ts";
import { ValueReader } from "./value_reader.ts";

/** Pages whose values may be on their way at the same time. */
const PAGES_UNDER_WAY = 2;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

/** Pages of the keys that match. @throws Error with what Redis answered */
export async function* readKeyPages(
  link: RedisLink,
  request: KeysRequest,
  clustered: boolean,
): AsyncGenerator<KeyPage, void, void> {
  const values = request.readValue ? new ValueReader(link, clustered) : null;
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
