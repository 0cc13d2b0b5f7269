/**
 * How many executions may begin: a rate per second, with a little to spare after a pause.
 *
 * Source: the generic cell rate algorithm (ITU-T I.371).
 *
 * @module
 */

/** Executions that may begin at once after a pause, as a share of the rate. */
const BURST = 0.1;

/** See the module. Times are milliseconds of one clock. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(ratePerSecond: number, now: number) {
    this.#perMs = ratePerSecond / 1_000;
    this.#burst = Math.max(1, ratePerSecond * BURST);
    this.#tokens = this.#burst;
    this.#at = now;
  }

  /** Takes up to `max` permits that there are now. */
  take(max: number, now: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs);
    this.#at = now;
    // What is short by no more than rounding counts as whole.
    const taken = Math.min(max, Math.floor(this.#tokens + 1e-6));
    this.#tokens -= taken;
    return taken;
  }

  /** Milliseconds until the next permit, at least 1. */
  get waitMs(): number {
    return Math.max(1, Math.ceil((1 - this.#tokens) / this.#perMs));
  }
}
