/**
 * Lets so many in at a time; the others wait in line.
 *
 * @module
 */

/** See the module. */
export class ProcessGate {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param places How many may be inside. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Runs `work` when it is its turn. Rejects as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
