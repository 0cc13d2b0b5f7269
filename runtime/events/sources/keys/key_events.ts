/**
 * Events of keys that a registration has taken together and answers for: one execution for each.
 *
 * @module
 */

import type { EventPayload } from "../../../../contract/isolate/messages/events.ts";
import type { DeadEvent, EventList } from "../../source/event_list.ts";
import type { QueuedEvent } from "./event_queue.ts";

/** Key events that are run together. */
export class KeyEvents implements EventList {
  readonly #events: readonly QueuedEvent[];
  readonly #isOver: Uint8Array;
  readonly #hasDepths: boolean;

  constructor(events: readonly QueuedEvent[]) {
    this.#events = events;
    this.#isOver = new Uint8Array(events.length);
    this.#hasDepths = events.some(({ depth }) => depth > 0);
  }

  get count(): number {
    return this.#events.length;
  }

  /** Number of those that are not over. */
  get open(): number {
    return this.#isOver.reduce((sum, isOver) => sum + 1 - isOver, 0);
  }

  payload(from: number, to: number): EventPayload {
    const events = this.#events.slice(from, to);
    return {
      kind: "keys",
      keys: events.map(({ key }) => key),
      events: events.map(({ event }) => event),
    };
  }

  depths(from: number, to: number): readonly number[] | undefined {
    return this.#hasDepths ? this.#events.slice(from, to).map(({ depth }) => depth) : undefined;
  }

  happenedAt(place: number): number {
    return this.#events[place].at;
  }

  settle(places: readonly number[]): void {
    for (const place of places) this.#isOver[place] = 1;
  }

  deadEvent(place: number): DeadEvent {
    const { key, event } = this.#events[place];
    const name = typeof key === "string" ? key : new TextDecoder().decode(key);
    return { key: name, eventId: event, payload: this.payload(place, place + 1) };
  }
}
