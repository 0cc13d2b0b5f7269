/**
 * Lets warnings of a kind through now and then: the same would be said for every event.
 *
 * @module
 */

/** Time between two warnings of the same kind, in milliseconds. */
const WARN_MS = 10_000;

/** Remembers when each kind of warning was given. */
export class WarningGate {
  readonly #warnedAt = new Map<string, number>();

  /** Tells whether a warning of this kind may be given now, and notes that it is. */
  may(kind: string): boolean {
    const now = performance.now();
    if (now - (this.#warnedAt.get(kind) ?? -Infinity) < WARN_MS) return false;
    this.#warnedAt.set(kind, now);
    return true;
  }
}
