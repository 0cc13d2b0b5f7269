/**
 * `foreach`: a callback for its effect.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { FAILED, makeApply } from "./apply_callback.ts";
import type { StepFactory } from "./step_runner.ts";
import { keepWhere } from "./keep_where.ts";

/** Source: RedisGears 1.2 FOREACH: the record passes unless the callback failed. */
export const forEach: StepFactory<StepOf<"foreach">> = (step, context) => {
  const callback = context.callback(step.callback);
  const apply = makeApply(context);
  const call = (record: unknown) => callback(record);
  return {
    run(batch) {
      const outcomes = apply(batch.records, call);
      return outcomes instanceof Promise
        ? outcomes.then((settled) => keepWhere(batch, settled, (outcome) => outcome !== FAILED))
        : keepWhere(batch, outcomes, (outcome) => outcome !== FAILED);
    },
  };
};
