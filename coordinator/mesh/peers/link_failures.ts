/**
 * Remembers why a peer could not be linked, and which of it is worth a line of the log.
 *
 * @module
 */

/** Failures to link with one peer. */
export class LinkFailures {
  readonly #quietMs: number;
  #last = "";
  /** Reason of failed attempts in a row, the time of the first, and whether it was logged. */
  #refusal = { why: "", since: 0, isSaid: false };

  /** @param quietMs Time that a failure has to last before it is worth a line. */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  /** Reason of the last one; empty where the peer has been linked since. */
  get last(): string {
    return this.#last;
  }

  /** Notes why the link broke or was closed. */
  note(why: string): void {
    this.#last = why;
  }

  /**
   * Notes why an attempt to link failed. Tells whether that is worth a line: runtimes that start
   * together do not know each other at once, so it is one where it lasts longer than a link may be
   * silent, and then only once.
   */
  noteAttempt(why: string): boolean {
    this.#last = why;
    const now = performance.now();
    if (why !== this.#refusal.why) this.#refusal = { why, since: now, isSaid: false };
    if (this.#refusal.isSaid || now - this.#refusal.since < this.#quietMs) return false;
    return this.#refusal.isSaid = true;
  }

  /** The peer is linked. */
  clear(): void {
    this.#last = "";
    this.#refusal.why = "";
  }
}
