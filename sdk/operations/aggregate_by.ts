/**
 * `aggregateBy`: all records of a key in the cluster to one, combined on each shard first.
 *
 * @module
 */

import { type AuthorCallback, type Operation, requireFunction } from "./operation.ts";

/**
 * Source: RedisGears 1.2 `aggregateby` (reference 3).
 * Differs: a falsy accumulator is kept; RedisGears puts the zero value in its place.
 */
export function aggregateBy(
  extract: AuthorCallback,
  zero: unknown,
  local: AuthorCallback,
  global: AuthorCallback,
): Operation {
  requireFunction(extract, "aggregateBy extractor argument");
  requireFunction(local, "aggregateBy local argument");
  requireFunction(global, "aggregateBy global argument");
  return {
    name: "aggregateBy",
    compile: (callbacks) => {
      const first = callbacks.constant(zero);
      return [
        { type: "extractkey", callback: callbacks.author(extract) },
        { type: "accumulatebykey", callback: callbacks.author(local), zero: first },
        { type: "repartition" },
        { type: "accumulatebykey", callback: callbacks.author(global), zero: first },
        { type: "keyvalue" },
      ];
    },
  };
}
