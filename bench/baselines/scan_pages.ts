/**
 * Reads a database page by page with ioredis.
 *
 * @module
 */

import type { Redis } from "ioredis";

const SCAN_COUNT = 1_000;

/**
 * What `read` gives for each page of keys that match. The next SCAN travels behind the reads of a
 * page, so that the server has something to do meanwhile.
 */
export async function* scanPages<T>(
  redis: Redis,
  pattern: string,
  read: (keys: string[]) => Promise<T>,
): AsyncGenerator<T, void, void> {
  const scan = (cursor: string) => redis.scan(cursor, "MATCH", pattern, "COUNT", SCAN_COUNT);
  let page: Promise<[cursor: string, keys: string[]]> | null = scan("0");
  while (page !== null) {
    const [cursor, keys]: [string, string[]] = await page;
    const values = keys.length === 0 ? null : read(keys);
    page = cursor === "0" ? null : scan(cursor);
    if (values !== null) yield await values;
  }
}
