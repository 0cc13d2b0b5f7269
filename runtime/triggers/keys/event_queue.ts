/**
 * Key events that wait for their executions: bounded, in order.
 *
 * At the bound, of the events that have the same key and name only the last one stays: the value is
 * read when it runs, so that the others would see the same. Where that makes no room, what comes is
 * dropped.
 *
 * @module
 */

import { keyNameText } from "./key_name.ts";
import type { KeyName } from "./key_event_source.ts";

/** An event that waits. */
export interface QueuedEvent {
  readonly key: KeyName;
  readonly event: string;
  /** How many registrations' writes led to it. */
  readonly depth: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/** Events that a registration may have waiting. */
export const MAX_QUEUED = 250_000;
/** Characters or bytes that their keys may have together. */
export const MAX_QUEUED_KEY_BYTES = 64 * 1024 * 1024;
/** What has to be free after a look for events that say the same, or the next look waits for it. */
const WORTHWHILE = 0.2;

/** See the module. */
export class EventQueue {
  readonly #maxEvents: number;
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

  constructor(maxEvents: number = MAX_QUEUED) {
    this.#maxEvents = maxEvents;
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
    return true;
  }

  /** Takes up to `max` events from the front. */
  take(max: number): QueuedEvent[] {
    const taken = this.#events.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    for (const { key } of taken) this.#keyBytes -= key.length;
    if (this.#head > 10_000 || this.#head === this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Empties it; how many events there were. */
  clear(): number {
    const { size } = this;
    this.#events = [];
    this.#head = 0;
    this.#keyBytes = 0;
    return size;
  }

  #isFull(): boolean {
    return this.size >= this.#maxEvents || this.#keyBytes >= MAX_QUEUED_KEY_BYTES;
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
    this.coalesced += this.size - kept.length;
    this.#events = kept.reverse();
    this.#head = 0;
    this.#keyBytes = keyBytes;
    const isWorthwhile = kept.length <= this.#maxEvents * (1 - WORTHWHILE);
    this.#lookBelow = isWorthwhile ? Infinity : Math.floor(this.#maxEvents * (1 - WORTHWHILE));
    return !this.#isFull();
  }
}
