/**
 * Bounds how many of something there are at a time, in one process; first come, first served.
 *
 * @module
 */

/** A number of permits, and those who wait for one. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param permits How many may be out at a time. */
  constructor(permits: number) {
    this.#free = permits;
  }

  /** Resolves when a permit is taken. */
  async acquire(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a permit back. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Runs `work` with a permit. Rejects as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}
