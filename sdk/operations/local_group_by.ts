/**
 * `localGroupBy`: all records of a key on one shard to one.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/** Source: RedisGears 1.2 `localgroupby` (reference 3). */
export function localGroupBy(extract: AuthorCallback, reduce: AuthorCallback): Operation {
  requireFunction(extract, "localGroupBy extractor argument");
  requireFunction(reduce, "localGroupBy reducer argument");
  return {
    name: "localGroupBy",
    compile: (callbacks) => [
      { type: "extractkey", callback: callbacks.author(extract) },
      { type: "accumulatebykey", callback: callbacks.author(reduce) },
      { type: "keyvalue" },
    ],
  };
}
