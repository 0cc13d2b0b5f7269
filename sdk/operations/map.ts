/**
 * `map`: record to record, local.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `map` (reference 3). */
export function map(callback: AuthorCallback): Operation {
  requireFunction(callback, "map argument");
  return {
    name: "map",
    compile: (callbacks) => [{ type: "map", callback: callbacks.author(callback) }],
  };
}
