/**
 * `repartition`: each record to the shard that owns its key.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `repartition` (reference 3). */
export function repartition(extract: AuthorCallback): Operation {
  requireFunction(extract, "repartition argument");
  return {
    name: "repartition",
    compile: (callbacks) => [
      { type: "extractkey", callback: callbacks.author(extract) },
      { type: "repartition" },
      { type: "dropkey" },
    ],
  };
}
