/**
 * Counts the times in which events may have been lost.
 *
 * @module
 */

import type { CaptureGaps } from "./key_event_source.ts";

/** See the module. */
export class GapBook {
  #count = 0;
  #totalMs = 0;
  /** Since when nothing comes; null while it does. */
  #since: number | null = null;

  /** Nothing comes any more. */
  open(now: number): void {
    this.#since ??= now;
  }

  /** Events come again. */
  close(now: number): void {
    if (this.#since === null) return;
    this.add(now - this.#since);
    this.#since = null;
  }

  /** A time without events that is over already. */
  add(ms: number): void {
    this.#count++;
    this.#totalMs += Math.max(0, ms);
  }

  /** Takes over gaps that were counted elsewhere. */
  take({ count, totalMs }: CaptureGaps): void {
    this.#count += count;
    this.#totalMs += totalMs;
  }

  /** The gaps so far, one that is open included, and others that are counted elsewhere. */
  at(now: number, others: CaptureGaps = { count: 0, totalMs: 0 }): CaptureGaps {
    const open = this.#since === null ? 0 : 1;
    const openMs = this.#since === null ? 0 : now - this.#since;
    return {
      count: this.#count + open + others.count,
      totalMs: this.#totalMs + openMs + others.totalMs,
    };
  }
}
