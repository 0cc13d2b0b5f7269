/**
 * `KeysOnlyReader`: the names of the shard's keys.
 *
 * @module
 */

import { requireCount, requireFunction } from "../operations/operation.ts";
import { booleanOr, type Reader, stringOr } from "./reader_kind.ts";

/** Options of `run()` for a KeysOnlyReader. */
export interface KeysOnlyReaderOptions {
  /** COUNT of each SCAN. Default 1,000. */
  readonly count?: number;
  /** Take the pattern for one literal key; it yields the name only if the key exists. */
  readonly noScan?: boolean;
  /** Called on each shard; what it returns replaces pattern and `noScan`. */
  readonly patternGenerator?: () => readonly [pattern: string, noScan: boolean];
}

/**
 * Argument of `run()`: a glob pattern, default `*`.
 *
 * Source: RedisGears 1.2 KeysOnlyReader (reference 2.2).
 */
export const keysOnlyReader: Reader = {
  options: ["count", "noScan", "patternGenerator"],
  compile(argument, options, callbacks) {
    const { count = 1_000, patternGenerator } = options;
    requireCount(count, "KeysOnlyReader count argument", 1);
    if (patternGenerator !== undefined) {
      requireFunction(patternGenerator, "KeysOnlyReader patternGenerator argument");
    }
    return {
      reader: "KeysOnlyReader",
      pattern: stringOr(argument, "*", "pattern argument"),
      count: Math.min(count, 1_000_000),
      noScan: booleanOr(options.noScan, false, "noScan"),
      ...(patternGenerator && { patternGenerator: callbacks.author(patternGenerator) }),
    };
  },
};
