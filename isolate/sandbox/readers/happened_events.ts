/**
 * Events for a reader: what an execution is about that registrations and other shards take part in.
 *
 * @module
 */

import type { EventRecords } from "./event_records.ts";
import type { OpenReader } from "./reader.ts";

/** Events that an execution is about. */
export interface HappenedEvents {
  readonly events: readonly EventRecords[];
  /** Number of registrations whose writes led to them. */
  readonly depth: number;
  /** Called when the execution is finished, or does not take place. */
  finish(isDone: boolean): void;
}

/** The records of events, delivery by delivery. */
export async function* readEvents(events: readonly EventRecords[]): OpenReader {
  for (const opened of events) {
    await opened.prepare();
    const records = opened.read(0, opened.count);
    if (records.length > 0) yield { records };
  }
}
