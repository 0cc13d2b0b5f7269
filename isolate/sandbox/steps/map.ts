/**
 * `map`: record to record.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { Batch } from "../base/batch.ts";
import { FAILED, makeApply } from "./apply_callback.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 MAP. */
export const map: StepFactory<StepOf<"map">> = (step, context) => {
  const callback = context.callback(step.callback);
  const apply = makeApply(context);
  const call = (record: unknown) => callback(record);
  return {
    run(batch) {
      const outcomes = apply(batch.records, call);
      return outcomes instanceof Promise ? outcomes.then(toBatch) : toBatch(outcomes);
    },
  };
};

/** The outcomes without the failed ones. */
function toBatch(outcomes: unknown[]): Batch {
  const records = outcomes.includes(FAILED)
    ? outcomes.filter((outcome) => outcome !== FAILED)
    : outcomes;
  return { records, keys: null };
}
