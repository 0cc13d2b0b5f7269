/**
 * What the server alone needs for the films by genre: SCAN and HGET over a raw link, replies
 * unread. Nobody who asks Redis for the same can be faster.
 *
 * @module
 */

import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";
import {
  eachFrame,
  parseScanReply,
  type ScannedKeys,
} from "../../isolate/child/pages/scan_reply.ts";

const SCAN_COUNT = 1_000;
/** Pages whose HGETs are under way. */
const PAGES_UNDER_WAY = 2;

/** Wall times in milliseconds. */
export interface ServerFloor {
  readonly scanMs: number;
  readonly hgetMs: number;
}

/** Measures it: first all SCANs, then all HGETs. */
export async function measureServerFloor(
  address: RedisAddress,
  pattern: string,
): Promise<ServerFloor> {
  using link = await RedisLink.connect(address);
  const started = performance.now();
  const pages = await scanAll(link, pattern);
  const scanMs = performance.now() - started;
  const batches = pages.map(encodeHgets);
  const hgetsStarted = performance.now();
  const underWay: Promise<unknown>[] = [];
  for (const { bytes, count } of batches) {
    underWay.push(link.request(bytes, count));
    if (underWay.length >= PAGES_UNDER_WAY) await underWay.shift();
  }
  await Promise.all(underWay);
  return { scanMs, hgetMs: performance.now() - hgetsStarted };
}

async function scanAll(link: RedisLink, pattern: string): Promise<ScannedKeys[]> {
  const pages: ScannedKeys[] = [];
  const encoder = new RespEncoder();
  let cursor = "0";
  do {
    encoder.command(["SCAN", cursor, "MATCH", pattern, "COUNT", SCAN_COUNT]);
    const page = parseScanReply(await link.request(encoder.take(), 1));
    cursor = page.cursor;
    if (page.count > 0) pages.push(page);
  } while (cursor !== "0");
  return pages;
}

function encodeHgets({ keys, count }: ScannedKeys): { bytes: Uint8Array; count: number } {
  const encoder = new RespEncoder();
  const genre = new TextEncoder().encode("$5\r\ngenre\r\n");
  for (const key of eachFrame(keys)) {
    const args = new Uint8Array(key.length + genre.length);
    args.set(key);
    args.set(genre, key.length);
    encoder.rawCommand(3, ["HGET"], args);
  }
  return { bytes: encoder.take(), count };
}
