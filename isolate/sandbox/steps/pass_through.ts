/**
 * A shuffle where there is only one shard: every record is already where it belongs.
 *
 * @module
 */

import type { CollectStep, RepartitionStep } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2: repartition and collect do nothing in local executions. */
export const passThrough: StepFactory<RepartitionStep | CollectStep> = () => ({
  run: (batch) => batch,
});
