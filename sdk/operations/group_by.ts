/**
 * `groupBy`: all records of a key in the cluster to one, as they come.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `groupby` (reference 3). */
export function groupBy(extract: AuthorCallback, reduce: AuthorCallback): Operation {
  requireFunction(extract, "groupBy extractor argument");
  requireFunction(reduce, "groupBy reducer argument");
  return {
    name: "groupBy",
    compile: (callbacks) => [
      { type: "extractkey", callback: callbacks.author(extract) },
      { type: "repartition" },
      { type: "accumulatebykey", callback: callbacks.author(reduce) },
      { type: "keyvalue" },
    ],
  };
}
