/**
 * Executions of registrations that other shards take part in: they go the way of a run, with events
 * for a reader.
 *
 * @module
 */

import { toEventPlan } from "../../../contract/plan/event_plan.ts";
import type { CompiledPlan } from "../../../sdk/compile.ts";
import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import type { RunEventsMessage } from "../../../contract/isolate/messages/events.ts";
import type { HappenedEvents } from "../readers/happened_events.ts";
import type { Deliveries } from "./deliveries.ts";

/** A run that events ask for. */
export interface EventRun {
  readonly compiled: CompiledPlan;
  readonly happened: HappenedEvents;
}

/** Makes the run of events that the runtime has called for. */
export function makeEventRun(
  { plan, callbacks }: CompiledRegistration,
  { registration, events, depth }: RunEventsMessage,
  deliveries: Deliveries,
): EventRun {
  const opened = events.map((payload) => deliveries.open(registration, payload));
  const finish = (isDone: boolean) => {
    for (const records of opened) records.settle?.(0, records.count, isDone);
  };
  return {
    compiled: { plan: toEventPlan(plan), callbacks },
    happened: { events: opened, depth, finish },
  };
}
