/**
 * `flatmap`: record to any number of records.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { Batch } from "../base/batch.ts";
import { FAILED, makeApply } from "./apply_callback.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 FLAT_MAP: an array is opened, anything else passes as one record. */
export const flatMap: StepFactory<StepOf<"flatmap">> = (step, context) => {
  const callback = context.callback(step.callback);
  const apply = makeApply(context);
  const call = (record: unknown) => callback(record);
  return {
    run(batch) {
      const outcomes = apply(batch.records, call);
      return outcomes instanceof Promise ? outcomes.then(flatten) : flatten(outcomes);
    },
  };
};

function flatten(outcomes: readonly unknown[]): Batch {
  const records: unknown[] = [];
  for (let index = 0; index < outcomes.length; index++) {
    const outcome = outcomes[index];
    if (Array.isArray(outcome)) {
      for (let at = 0; at < outcome.length; at++) records.push(outcome[at]);
    } else if (outcome !== FAILED) records.push(outcome);
  }
  return { records, keys: null };
}
