/**
 * Knows which test files are good without any fault, so that a failure says something.
 *
 * A file that passed once, with a fault or without, is good; another one is run without any fault
 * when it fails for the first time.
 *
 * @module
 */

/** Memory of all copies of a run. */
export class Baseline {
  readonly #known = new Map<string, boolean>();
  readonly #tookMs = new Map<string, number>();

  /** Paths of files that fail without a fault, or take longer than a case may. */
  get excluded(): string[] {
    return [...this.#known].filter(([, isGood]) => !isGood).map(([path]) => path).sort();
  }

  /** Leaves out files that say nothing, and puts those last that took longer than `slowMs`. */
  order(paths: readonly string[], slowMs: number): string[] {
    const good = paths.filter((path) => this.#known.get(path) !== false);
    const isSlow = (path: string) => (this.#tookMs.get(path) ?? 0) > slowMs;
    return [...good.filter((path) => !isSlow(path)), ...good.filter(isSlow)];
  }

  /** Remembers the time of a file. */
  took(path: string, ms: number): void {
    this.#tookMs.set(path, ms);
  }

  /** Remembers that a file passed. */
  passed(path: string): void {
    this.#known.set(path, true);
  }

  /** Tells whether a file passes without a fault; `run` finds out. */
  async isGood(path: string, run: () => Promise<boolean>): Promise<boolean> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const isGood = await run();
    if (!this.#known.has(path)) this.#known.set(path, isGood);
    return this.#known.get(path)!;
  }
}
