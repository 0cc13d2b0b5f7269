/**
 * `count`: how many records there are in the cluster.
 *
 * @module
 */

import { builtin, type Operation } from "./operation.ts";

/** Source: RedisGears 1.2 `count` (reference 3): no record comes out if none went in. */
export function count(): Operation {
  return {
    name: "count",
    compile: () => [
      { type: "accumulate", callback: builtin("increment"), zero: builtin("zero") },
      { type: "collect" },
      { type: "accumulate", callback: builtin("sum"), zero: builtin("zero") },
    ],
  };
}
