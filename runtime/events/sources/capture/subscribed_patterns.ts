/**
 * The patterns that one connection is subscribed to, and how they change without an event that is
 * lost or told twice.
 *
 * What is new is asked for first, in one command, and then what it replaces is given up. From the
 * answer to the first on, Redis sends events of both: those of the old patterns are left out then.
 *
 * @module
 */

/** See the module. */
export class SubscribedPatterns {
  #asked: ReadonlySet<string> = new Set();
  /** Patterns that are about to go: others tell of their keys already. */
  readonly #stale = new Set<string>();
  /** By the first pattern of a change, those that it replaces. */
  readonly #replaces = new Map<string, readonly string[]>();

  /** The commands after which just these patterns are subscribed to. */
  change(wanted: ReadonlySet<string>): string[][] {
    const added = [...wanted.difference(this.#asked)];
    const dropped = [...this.#asked.difference(wanted)];
    this.#asked = wanted;
    if (added.length > 0) this.#replaces.set(added[0], dropped);
    return [
      ...(added.length > 0 ? [["PSUBSCRIBE", ...added]] : []),
      ...(dropped.length > 0 ? [["PUNSUBSCRIBE", ...dropped]] : []),
    ];
  }

  /** Whether what a pattern tells is told by others, too. */
  isStale(pattern: string): boolean {
    return this.#stale.size > 0 && this.#stale.has(pattern);
  }

  onSubscribed(pattern: string): void {
    this.#stale.delete(pattern);
    for (const old of this.#replaces.get(pattern) ?? []) this.#stale.add(old);
    this.#replaces.delete(pattern);
  }

  onUnsubscribed(pattern: string): void {
    this.#stale.delete(pattern);
  }
}
