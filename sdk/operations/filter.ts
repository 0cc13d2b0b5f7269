/**
 * `filter`: drops records, local.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `filter` (reference 3). */
export function filter(callback: AuthorCallback): Operation {
  requireFunction(callback, "filter argument");
  return {
    name: "filter",
    compile: (callbacks) => [{ type: "filter", callback: callbacks.author(callback) }],
  };
}
