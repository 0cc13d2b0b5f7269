/**
 * Holds events back until their key has been quiet for a while; only the last one goes on.
 *
 * @module
 */

import { keyNameText } from "../../../../contract/isolate/key_name.ts";
import { QueueRoom } from "./queue_budget.ts";
import type { QueuedEvent } from "./event_queue.ts";

/** Keys that may wait; beyond it the one that has waited longest goes on early. */
export const MAX_DEBOUNCED = 100_000;

interface Waiting {
  readonly event: QueuedEvent;
  readonly due: number;
}

/** See the module. */
export class Debounce implements Disposable {
  readonly #quietMs: number;
  readonly #room: QueueRoom;
  readonly #onQuiet: (event: QueuedEvent) => void;
  /** In the order in which they are due: an event of a key moves it to the end. */
  readonly #waiting = new Map<string, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onQuiet Called with the last event of a key. @param room Shared with others. */
  constructor(
    quietMs: number,
    onQuiet: (event: QueuedEvent) => void,
    room: QueueRoom = new QueueRoom(),
  ) {
    this.#quietMs = quietMs;
    this.#room = room;
    this.#onQuiet = onQuiet;
  }

  /** Keys that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  push(event: QueuedEvent): void {
    const name = keyNameText(event.key);
    this.#forget(name);
    this.#waiting.set(name, { event, due: performance.now() + this.#quietMs });
    this.#room.take(1, name.length);
    if (this.#waiting.size > MAX_DEBOUNCED || this.#room.isFull) this.#release(1);
    this.#timer ??= setTimeout(() => this.#look(), this.#quietMs);
  }

  /** Lets all go on at once. */
  flush(): void {
    this.#release(this.#waiting.size);
  }

  /** Forgets what waits; how many keys there were. */
  clear(): number {
    const { size } = this.#waiting;
    for (const name of this.#waiting.keys()) this.#forget(name);
    this[Symbol.dispose]();
    return size;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #forget(name: string): void {
    if (this.#waiting.delete(name)) this.#room.give(1, name.length);
  }

  #release(count: number): void {
    for (const [name, { event }] of this.#waiting) {
      if (count-- === 0) return;
      this.#forget(name);
      this.#onQuiet(event);
    }
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [name, { event, due }] of this.#waiting) {
      if (due > now) {
        this.#timer = setTimeout(() => this.#look(), due - now);
        return;
      }
      this.#forget(name);
      this.#onQuiet(event);
    }
  }
}
