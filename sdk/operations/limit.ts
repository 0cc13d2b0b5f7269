/**
 * `limit`: a slice of each shard's records.
 *
 * @module
 */

import { type Operation, requireCount } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `limit` (reference 3): per shard; put `collect()` before it for a page.
 */
export function limit(length: number, start = 0): Operation {
  requireCount(length, "limit argument");
  requireCount(start, "limit start argument");
  return { name: "limit", compile: () => [{ type: "limit", length, start }] };
}
