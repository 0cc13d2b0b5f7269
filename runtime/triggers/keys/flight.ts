/**
 * A delivery of key events, and what of it is over.
 *
 * @module
 */

import type { ErrorCode, PinionError } from "../../../errors.ts";
import type { Delivery, DoneExecutions } from "../event_source.ts";
import type { QueuedEvent } from "./event_queue.ts";

/** Ends of an isolate that its own code may be the reason of. */
const DEATHS: ReadonlySet<ErrorCode> = new Set(
  ["ISOLATE_DIED", "LIMIT_MEMORY", "LIMIT_CPU", "LIMIT_TIME"] as const,
);

/** See the module. */
export class Flight {
  /** Deliveries are numbered in the order of their events. */
  readonly number: number;
  readonly #events: readonly QueuedEvent[];
  readonly #isOver: Uint8Array;
  hasFailures = false;
  /** Why not all of it was run, if so. */
  error: PinionError | null = null;

  constructor(number: number, events: readonly QueuedEvent[]) {
    this.number = number;
    this.#events = events;
    this.#isOver = new Uint8Array(events.length);
  }

  /** The events that were not run to their end, in order. */
  get open(): readonly QueuedEvent[] {
    return this.#events.filter((_, place) => this.#isOver[place] === 0);
  }

  /** Whether the isolate died meanwhile. */
  get isDeath(): boolean {
    return this.error !== null && DEATHS.has(this.error.code);
  }

  /** What is handed over: one execution for each event. */
  delivery(isSuspect: boolean): Delivery {
    const events = this.#events;
    const hasDepths = events.some(({ depth }) => depth > 0);
    return {
      payload: {
        kind: "keys",
        keys: events.map(({ key }) => key),
        events: events.map(({ event }) => event),
      },
      batch: 1,
      ...(hasDepths && { depths: events.map(({ depth }) => depth) }),
      ...(isSuspect && { isSuspect }),
      happenedAt: (place) => events[place].at,
      onDone: (outcomes) => this.#end(outcomes),
    };
  }

  #end({ done, failures }: DoneExecutions): void {
    for (const place of done) this.#isOver[place] = 1;
    if (failures.length > 0) this.hasFailures = true;
  }
}
