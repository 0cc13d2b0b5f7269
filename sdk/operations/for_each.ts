/**
 * `forEach`: a callback for its effect, local.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `foreach` (reference 3). */
export function forEach(callback: AuthorCallback): Operation {
  requireFunction(callback, "forEach argument");
  return {
    name: "forEach",
    compile: (callbacks) => [{ type: "foreach", callback: callbacks.author(callback) }],
  };
}
