/**
 * Executions of registrations that other shards take part in: they go the way of a run, with events
 * for a reader.
 *
 * @module
 */

import { toEventPlan } from "../../../contract/plan/event_plan.ts";
import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import type { RunEventsMessage } from "../../../contract/isolate/events.ts";
import type { ReadBatch } from "../readers/open_reader.ts";
import type { SandboxHost } from "../host/sandbox_host.ts";
import type { Deliveries } from "./deliveries.ts";
import type { EventRecords } from "../readers/event_records.ts";

/** What an execution is about. */
export interface HappenedEvents {
  readonly events: readonly EventRecords[];
  /** How many registrations' writes led to them. */
  readonly depth: number;
  /** Called when the execution is over, or does not take place. */
  over(isDone: boolean): void;
}

/** Asks to run events; the runtime has called for it under the number of the message. */
export function runEvents(
  host: SandboxHost,
  { plan, callbacks }: CompiledRegistration,
  { id, registration, events, depth }: RunEventsMessage,
  deliveries: Deliveries,
): void {
  const opened = events.map((payload) => deliveries.open(registration, payload));
  const over = (isDone: boolean) => {
    for (const records of opened) records.settle?.(0, records.count, isDone);
  };
  void host.run({ plan: toEventPlan(plan), callbacks }, id, { events: opened, depth, over });
}

/** The records of events, delivery by delivery. */
export async function* readEvents(
  events: readonly EventRecords[],
): AsyncGenerator<ReadBatch, void, void> {
  for (const opened of events) {
    await opened.prepare();
    const records = opened.read(0, opened.count);
    if (records.length > 0) yield { records };
  }
}
