/**
 * `filter`: drops records.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { FAILED, makeApply } from "./apply_callback.ts";
import { keepWhere } from "./keep_where.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 FILTER. */
export const filter: StepFactory<StepOf<"filter">> = (step, context) => {
  const callback = context.callback(step.callback);
  const apply = makeApply(context);
  const call = (record: unknown) => callback(record);
  const keep = (outcome: unknown) => outcome && outcome !== FAILED;
  return {
    run(batch) {
      const outcomes = apply(batch.records, call);
      return outcomes instanceof Promise
        ? outcomes.then((settled) => keepWhere(batch, settled, keep))
        : keepWhere(batch, outcomes, keep);
    },
  };
};
