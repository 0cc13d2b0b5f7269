/**
 * `reduce`: a callback for each group.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { Batch } from "../base/batch.ts";
import { FAILED, makeApply } from "./apply_callback.ts";
import { keepWhere } from "./keep_where.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 REDUCE. Differs: the callback may be async. */
export const reduce: StepFactory<StepOf<"reduce">> = (step, context) => {
  const callback = context.callback(step.callback);
  const apply = makeApply(context);
  return {
    run(batch) {
      const { records, keys } = batch;
      const outcomes = apply(records, (record, index) => callback(keys![index], record));
      return outcomes instanceof Promise
        ? outcomes.then((settled) => toBatch(settled, batch))
        : toBatch(outcomes, batch);
    },
  };
};

function toBatch(outcomes: unknown[], { keys }: Batch): Batch {
  return keepWhere({ records: outcomes, keys }, outcomes, (outcome) => outcome !== FAILED);
}
