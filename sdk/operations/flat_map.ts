/**
 * `flatMap`: record to any number of records, local.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `flatmap` (reference 3).
 * Differs: elements come out in order; RedisGears emits them last to first.
 */
export function flatMap(callback: AuthorCallback): Operation {
  requireFunction(callback, "flatMap argument");
  return {
    name: "flatMap",
    compile: (callbacks) => [{ type: "flatmap", callback: callbacks.author(callback) }],
  };
}
