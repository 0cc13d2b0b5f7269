/**
 * Key events that wait for their executions: bounded, in order.
 *
 * At the bound, of the events that have the same key and name only the last one stays: the value is
 * read when it runs, so that the others would see the same. Where that makes no room, what comes is
 * dropped.
 *
 * @module
 */

import { type KeyName, keyNameText } from "../../../../contract/isolate/key_name.ts";
import { QueueBudget } from "./queue_budget.ts";

/** An event that waits. */
export interface QueuedEvent {
  readonly key: KeyName;
  readonly event: string;
  /** Number of registrations whose writes led to it. */
  readonly depth: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/** Events that a registration may have waiting. */
export const MAX_QUEUED = 250_000;
/** Characters or bytes that their keys may have together. */
export const MAX_QUEUED_KEY_BYTES = 64 * 1024 * 1024;
/**
 * Share that has to be free after a look for events that say the same, or the next look waits for
 * it.
 */
const WORTHWHILE = 0.2;

/** Queues key events up to a limit. */
export class EventQueue {
  readonly #maxEvents: number;
  readonly #budget: QueueBudget;
  #events: QueuedEvent[] = [];
  /** Place of the oldest event. */
  #head = 0;
  #keyBytes = 0;
  /** No look for events that say the same before so few wait. */
  #lookBelow = Infinity;
  /** Events that were left out since another one of the same key and name came after them. */
  coalesced = 0;
  /** Events that found no room. */
  dropped = 0;

  /** @param budget Shared with others. */
  constructor(maxEvents: number = MAX_QUEUED, budget: QueueBudget = new QueueBudget()) {
    this.#maxEvents = maxEvents;
    this.#budget = budget;
  }

  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Adds an event at the end; false where it was dropped. */
  push(event: QueuedEvent): boolean {
    if (this.#isFull() && !this.#makeRoom()) {
      this.dropped++;
      return false;
    }
    this.#events.push(event);
    this.#keyBytes += event.key.length;
    this.#budget.take(1, event.key.length);
    return true;
  }

  /** Takes up to `max` events from the front. */
  take(max: number): QueuedEvent[] {
    const taken = this.#events.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    if (this.size < this.#lookBelow) this.#lookBelow = Infinity;
    const keyBytes = taken.reduce((sum, { key }) => sum + key.length, 0);
    this.#keyBytes -= keyBytes;
    this.#budget.give(taken.length, keyBytes);
    if (this.#head > 10_000 || this.#head === this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Empties it; how many events there were. */
  clear(): number {
    const { size } = this;
    this.#budget.give(size, this.#keyBytes);
    this.#events = [];
    this.#head = 0;
    this.#keyBytes = 0;
    this.#lookBelow = Infinity;
    return size;
  }

  #isFull(): boolean {
    return this.size >= this.#maxEvents || this.#keyBytes >= MAX_QUEUED_KEY_BYTES ||
      this.#budget.isFull;
  }

  #makeRoom(): boolean {
    if (this.size >= this.#lookBelow) return false;
    const seen = new Set<string>();
    const kept: QueuedEvent[] = [];
    let keyBytes = 0;
    for (let index = this.#events.length - 1; index >= this.#head; index--) {
      const event = this.#events[index];
      const name = `${event.event} ${keyNameText(event.key)}`;
      if (seen.has(name)) continue;
      seen.add(name);
      kept.push(event);
      keyBytes += event.key.length;
    }
    this.#budget.give(this.size - kept.length, this.#keyBytes - keyBytes);
    this.coalesced += this.size - kept.length;
    this.#events = kept.reverse();
    this.#head = 0;
    this.#keyBytes = keyBytes;
    // Where others take all the room, the bound is what waits here now.
    const bound = this.#budget.isFull ? kept.length : this.#maxEvents;
    const isWorthwhile = !this.#budget.isFull && kept.length <= bound * (1 - WORTHWHILE);
    this.#lookBelow = isWorthwhile ? Infinity : Math.floor(bound * (1 - WORTHWHILE));
    return !this.#isFull();
  }
}
