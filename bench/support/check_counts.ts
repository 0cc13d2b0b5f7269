/**
 * Holds a result against what the data must give: a fast wrong answer is no answer.
 *
 * @module
 */

import type { Counts } from "../data/texts.ts";

/** @throws Error where `counts` is not what was expected */
export function checkCounts(who: string, counts: Counts, expected: Counts): void {
  if (counts.size !== expected.size) {
    throw new Error(`${who}: expected ${expected.size} different ones, got ${counts.size}`);
  }
  for (const [key, count] of expected) {
    if (counts.get(key) !== count) {
      throw new Error(`${who}: expected ${count} of ${key}, got ${counts.get(key) ?? 0}`);
    }
  }
}

/** The results of `countBy`. */
export function toCounts(results: readonly { key: string; value: number }[]): Counts {
  return new Map(results.map(({ key, value }) => [key, value]));
}
