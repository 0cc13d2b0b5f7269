/**
 * Measures how long nothing was heard of a peer.
 *
 * @module
 */

/** Time since a peer was heard, or first waited for. */
export class SilenceClock {
  #heardAt = performance.now();

  /** Milliseconds of silence. */
  get silentMs(): number {
    return performance.now() - this.#heardAt;
  }

  /** Something came, or the wait begins anew. */
  reset(): void {
    this.#heardAt = performance.now();
  }

  /** This process did not run for so long: silence of that time says nothing. */
  forgive(stalledMs: number): void {
    this.#heardAt += stalledMs;
  }
}
