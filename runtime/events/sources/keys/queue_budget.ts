/**
 * Room for key events that wait, of all registrations of a shard together: each of them has a bound
 * of its own, but a module may have many.
 *
 * @module
 */

/** Events that may wait on a shard. */
export const MAX_QUEUED_IN_ALL = 500_000;
/** Characters or bytes that their keys may have together. */
const MAX_KEY_BYTES = 256 * 1024 * 1024;

/** See the module. */
export class QueueRoom {
  readonly #maxEvents: number;
  #events = 0;
  #keyBytes = 0;

  constructor(maxEvents: number = MAX_QUEUED_IN_ALL) {
    this.#maxEvents = maxEvents;
  }

  get isFull(): boolean {
    return this.#events >= this.#maxEvents || this.#keyBytes >= MAX_KEY_BYTES;
  }

  take(events: number, keyBytes: number): void {
    this.#events += events;
    this.#keyBytes += keyBytes;
  }

  give(events: number, keyBytes: number): void {
    this.take(-events, -keyBytes);
  }
}
