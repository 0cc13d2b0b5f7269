/**
 * `batchGroupBy`: all records of a key in the cluster to one, all at once.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `batchgroupby` (reference 3).
 * Differs: groups come out in the order in which their keys first appeared.
 */
export function batchGroupBy(extract: AuthorCallback, reduce: AuthorCallback): Operation {
  requireFunction(extract, "batchGroupBy extractor argument");
  requireFunction(reduce, "batchGroupBy reducer argument");
  return {
    name: "batchGroupBy",
    compile: (callbacks) => [
      { type: "extractkey", callback: callbacks.author(extract) },
      { type: "repartition" },
      { type: "group" },
      { type: "reduce", callback: callbacks.author(reduce) },
      { type: "keyvalue" },
    ],
  };
}
