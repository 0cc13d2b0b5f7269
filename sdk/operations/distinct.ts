/**
 * `distinct`: each different record of the cluster once.
 *
 * @module
 */

import type { Operation } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `distinct` (reference 3).
 * Differs: records need not be hashable (objects are compared by content), and come out in the
 * order in which they first appeared.
 */
export function distinct(): Operation {
  return {
    name: "distinct",
    compile: () => [{ type: "distinct" }, { type: "collect" }, { type: "distinct" }],
  };
}
