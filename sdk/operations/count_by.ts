/**
 * `countBy`: how many records of each key there are in the cluster.
 *
 * @module
 */

import { type AuthorCallback, builtin, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `countby` (reference 3). Without an extractor the record is its key. */
export function countBy(extract?: AuthorCallback): Operation {
  if (extract !== undefined) requireFunction(extract, "countBy argument");
  return {
    name: "countBy",
    compile: (callbacks) => [
      {
        type: "extractkey",
        callback: extract === undefined ? builtin("identity") : callbacks.author(extract),
      },
      { type: "accumulatebykey", callback: builtin("incrementByKey"), zero: builtin("zero") },
      { type: "repartition" },
      { type: "accumulatebykey", callback: builtin("sumByKey"), zero: builtin("zero") },
      { type: "keyvalue" },
    ],
  };
}
