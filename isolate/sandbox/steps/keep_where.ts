/**
 * Keeps some records of a batch, with their keys.
 *
 * @module
 */

import type { Batch } from "../base/batch.ts";

/** The records of `batch` for whose outcome `keep` holds. */
export function keepWhere(
  batch: Batch,
  outcomes: readonly unknown[],
  keep: (outcome: unknown) => unknown,
): Batch {
  const records: unknown[] = [];
  const keys: string[] | null = batch.keys === null ? null : [];
  for (let index = 0; index < outcomes.length; index++) {
    if (!keep(outcomes[index])) continue;
    records.push(batch.records[index]);
    if (keys !== null) keys.push(batch.keys![index]);
  }
  return { records, keys };
}
