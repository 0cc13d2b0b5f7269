/**
 * `sort`: all records in order.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { EMPTY_BATCH } from "../base/batch.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 `sort`. Equal records keep their order. */
export const sort: StepFactory<StepOf<"sort">> = (step, context) => {
  const compare = step.callback ? context.callback(step.callback) : compareNaturally;
  const gathered: unknown[] = [];
  return {
    run({ records }) {
      for (const record of records) gathered.push(record);
      return EMPTY_BATCH;
    },
    flush() {
      try {
        gathered.sort(step.descending ? (a, b) => compare(b, a) : (a, b) => compare(a, b));
      } catch (error) {
        context.fail(error);
        return EMPTY_BATCH;
      }
      return { records: gathered, keys: null };
    },
  };
};

const RANK: Readonly<Record<string, number>> = { number: 0, bigint: 0, boolean: 1, string: 2 };

/** Numbers by value before booleans before text by code unit before the rest by its JSON text. */
export function compareNaturally(a: unknown, b: unknown): number {
  const rank = (RANK[typeof a] ?? 3) - (RANK[typeof b] ?? 3);
  if (rank !== 0) return rank;
  const [left, right] = typeof a === "object" || typeof b === "object"
    ? [JSON.stringify(a) ?? "", JSON.stringify(b) ?? ""]
    : [a as string, b as string];
  return left < right ? -1 : left > right ? 1 : 0;
}
