/**
 * Bounds how many of something there are at a time; who comes first is served first.
 *
 * @module
 */

/** See the module. */
export class Permits {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count How many may be out. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when one is taken. */
  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives one back. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
