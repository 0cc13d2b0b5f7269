/**
 * Films by genre as a client with ioredis counts them: SCAN, then the HGETs of a page in one
 * pipeline.
 *
 * @module
 */

import type { Redis } from "ioredis";
import type { Counts } from "../data/texts.ts";
import { scanPages } from "./scan_pages.ts";

/** Counts `movie:*` by genre. */
export async function countGenresInClient(redis: Redis): Promise<Counts> {
  const counts = new Map<string, number>();
  const read = (keys: string[]) => {
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.hget(key, "genre");
    return pipeline.exec();
  };
  for await (const replies of scanPages(redis, "movie:*", read)) {
    for (const [error, genre] of replies!) {
      if (error !== null) throw error;
      const key = String(genre);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}
