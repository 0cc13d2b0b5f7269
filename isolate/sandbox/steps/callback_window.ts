/**
 * Counts the outstanding promises of one step, whose batches share a window.
 *
 * @module
 */

/** Limits and awaits the promises of a step. */
export class CallbackWindow {
  readonly #size: number;
  #outstanding = 0;
  #waiters: (() => void)[] = [];

  /** @param size Promises that may be outstanding. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Tells whether a further promise has to wait. */
  get isFull(): boolean {
    return this.#outstanding >= this.#size;
  }

  /** Counts one promise more as outstanding. */
  enter(): void {
    this.#outstanding++;
  }

  /** Counts so many as settled. */
  leave(count: number): void {
    this.#outstanding -= count;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resume of waiters) resume();
  }

  /** Resolves when some are settled. */
  waitForRoom(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
