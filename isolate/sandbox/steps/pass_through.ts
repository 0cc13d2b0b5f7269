/**
 * A shuffle where there is only one shard: every record is already where it belongs.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2: repartition and collect do nothing in local executions. */
export const passThrough: StepFactory<StepOf<"repartition" | "collect">> = () => ({
  run: (batch) => batch,
});
