/**
 * `dropkey`: forgets keys.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2, the MAP at the end of `repartition`. */
export const dropKey: StepFactory<StepOf<"dropkey">> = () => ({
  run: ({ records }) => ({ records, keys: null }),
});
