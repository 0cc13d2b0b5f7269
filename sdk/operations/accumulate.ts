/**
 * `accumulate`: all records of a shard to one, local.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `accumulate` (reference 3): no record comes out if none went in. */
export function accumulate(callback: AuthorCallback): Operation {
  requireFunction(callback, "accumulate argument");
  return {
    name: "accumulate",
    compile: (callbacks) => [{ type: "accumulate", callback: callbacks.author(callback) }],
  };
}
