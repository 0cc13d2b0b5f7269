/**
 * The word count as a client with ioredis does it: SCAN and MGET, the next page on its way while
 * one is counted.
 *
 * @module
 */

import type { Redis } from "ioredis";
import type { Counts } from "../data/texts.ts";
import { scanPages } from "./scan_pages.ts";

/** Counts the words of `text:*`. */
export async function countWordsInClient(redis: Redis): Promise<Counts> {
  const counts = new Map<string, number>();
  for await (const values of scanPages(redis, "text:*", (keys) => redis.mget(keys))) {
    for (const value of values) {
      if (value === null) continue;
      for (const word of value.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}
