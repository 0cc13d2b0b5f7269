/**
 * A delivery as work: executions that follow each other, by the keys that they have in common.
 *
 * @module
 */

import type { EventsMessage } from "../../../contract/isolate/messages/events.ts";
import { toKeyText } from "../base/batch.ts";
import type { EventRecords } from "../readers/event_records.ts";
import type { LaneWork } from "./lanes.ts";
import type { RegisteredPlan } from "./registered_plan.ts";

/** A delivery under way. */
export interface EventDelivery {
  readonly id: number;
  readonly batch: number;
  readonly records: EventRecords;
  readonly depths: readonly number[] | undefined;
  /** True if what fails by a trouble of Redis is run again in its place, whatever the policy is. */
  readonly waitsForServer: boolean;
  /** Keys of which an execution failed, where what comes after must not run. */
  readonly failedKeys: Set<string>;
  /** Number of works that are not finished. */
  open: number;
  isEnded: boolean;
}

/** Executions of a delivery that follow each other. */
export interface Work extends LaneWork {
  readonly delivery: EventDelivery;
  /** Indexes of events: the next one to run, and the end. */
  next: number;
  readonly to: number;
  /** Executions that run, and those that only wait for replies. */
  running: number;
  replying: number;
  isQueued: boolean;
  /** True if what comes after it in its lanes may begin. */
  hasLeft: boolean;
}

/** Part of a delivery: its keys, or why they cannot be told, and the events `from` to `to - 1`. */
export interface DeliveryPart {
  readonly keys: readonly string[] | { readonly error: unknown };
  readonly from: number;
  readonly to: number;
}

/** Makes a delivery of what came in a message. */
export function toDelivery(
  { id, batch, depths, payload }: EventsMessage,
  records: EventRecords,
): EventDelivery {
  return {
    ...{ id, batch, records, depths },
    waitsForServer: payload.kind === "stream",
    failedKeys: new Set(),
    open: 0,
    isEnded: false,
  };
}

/** Makes work of a part of a delivery. */
export function toWork(
  delivery: EventDelivery,
  keys: readonly string[],
  { from, to }: Omit<DeliveryPart, "keys">,
): Work {
  return {
    ...{ delivery, keys, next: from, to },
    ...{ blocked: 0, running: 0, replying: 0, isQueued: false, hasLeft: false },
  };
}

/** Splits a delivery: one part where all events have one key, else a part for each execution. */
export function* splitDelivery(
  { records, batch }: EventDelivery,
  plan: RegisteredPlan,
): Generator<DeliveryPart, void, void> {
  if (records.commonKey !== null && plan.plan.flow.orderBy === undefined) {
    return yield { keys: [records.commonKey], from: 0, to: records.count };
  }
  for (let from = 0; from < records.count; from += batch) {
    const to = Math.min(from + batch, records.count);
    yield { keys: findKeys(records, plan, { from, to }), from, to };
  }
}

function findKeys(
  records: EventRecords,
  plan: RegisteredPlan,
  { from, to }: Omit<DeliveryPart, "keys">,
): DeliveryPart["keys"] {
  const { orderBy } = plan.plan.flow;
  const keys = new Set<string>();
  try {
    if (orderBy === undefined) {
      for (let index = from; index < to; index++) keys.add(records.keyAt(index));
    } else {
      const callback = plan.callback(orderBy);
      for (const record of records.preview(from, to)) keys.add(toKeyText(callback(record)));
    }
    return [...keys];
  } catch (error) {
    return { error };
  }
}
