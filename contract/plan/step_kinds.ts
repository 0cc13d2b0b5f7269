/**
 * Kinds of steps that more than one room tells apart.
 *
 * Pure: the sandbox imports it.
 *
 * @module
 */

import type { Step, StepOf } from "./step.ts";

/** Tells whether records may leave the shard at this step. */
export function isShuffle(step: Step): step is StepOf<"repartition" | "collect"> {
  return step.type === "repartition" || step.type === "collect";
}
