/**
 * The plan of an execution that events start on all shards of a cluster.
 *
 * @module
 */

import type { Plan } from "./plan.ts";
import type { RegistrationPlan } from "./registration.ts";
import type { Step, StepType } from "./step.ts";
import { isShuffle } from "./step_kinds.ts";

/** Steps that make something of all records that an execution has. */
const GATHERING: ReadonlySet<StepType> = new Set<StepType>([
  "limit",
  "accumulate",
  "accumulatebykey",
  "group",
  "reduce",
  "sort",
  "distinct",
]);

/** The plan of one execution of a registration, the same on every shard. */
export function toEventPlan(registration: RegistrationPlan): Plan {
  const { steps, collect, convertToStr, window, description } = registration;
  return {
    version: 1,
    reader: { reader: "EventsReader" },
    steps,
    mode: "async",
    collect,
    convertToStr,
    window,
    ...(description !== undefined && { description }),
  };
}

/**
 * Tells whether executions of a registration run over all shards where there are several: its
 * records move from one to another, or each shard has a record of its own, as of a command.
 */
export function isDistributed({ mode, trigger, steps }: RegistrationPlan): boolean {
  return mode === "async" && (trigger.reader === "CommandReader" || steps.some(isShuffle));
}

/** Tells whether what comes out depends on which records are in one execution. */
export function isGathering(steps: readonly Step[]): boolean {
  return steps.some(({ type }) => GATHERING.has(type));
}
