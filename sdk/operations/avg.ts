/**
 * `avg`: the mean of all records of the cluster.
 *
 * @module
 */

import { type AuthorCallback, builtin, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `avg` (reference 3): no record comes out if none went in. */
export function avg(extract?: AuthorCallback): Operation {
  if (extract !== undefined) requireFunction(extract, "avg argument");
  return {
    name: "avg",
    compile: (callbacks) => [
      ...(extract === undefined
        ? []
        : [{ type: "map", callback: callbacks.author(extract) } as const]),
      { type: "map", callback: builtin("toNumber") },
      { type: "accumulate", callback: builtin("averageLocal"), zero: builtin("averageZero") },
      { type: "collect" },
      { type: "accumulate", callback: builtin("averageGlobal"), zero: builtin("averageZero") },
      { type: "map", callback: builtin("averageResult") },
    ],
  };
}
