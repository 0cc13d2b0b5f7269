/**
 * `aggregate`: all records of the cluster to one, combined on each shard first.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `aggregate` (reference 3).
 * Differs: a falsy accumulator is kept; RedisGears puts the zero value in its place.
 */
export function aggregate(
  zero: unknown,
  local: AuthorCallback,
  global: AuthorCallback,
): Operation {
  requireFunction(local, "aggregate local argument");
  requireFunction(global, "aggregate global argument");
  return {
    name: "aggregate",
    compile: (callbacks) => {
      const first = callbacks.constant(zero);
      return [
        { type: "accumulate", callback: callbacks.author(local), zero: first },
        { type: "collect" },
        { type: "accumulate", callback: callbacks.author(global), zero: first },
      ];
    },
  };
}
