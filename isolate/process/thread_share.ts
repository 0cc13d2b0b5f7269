/**
 * Shares the runtime's one thread between what isolates send and everything else.
 *
 * While something is always ready, the event loop looks at the network once in about sixty turns
 * only; so after some time of handling messages, from whichever isolates, it has to come to rest.
 *
 * @module
 */

import { delay } from "@std/async";

/** Time of handling that may be owed to others before all isolates wait. */
const MAX_DEBT_MS = 1.5;
/** Part of the debt that each millisecond takes off. */
const REPAID_SHARE = 0.5;

/**
 * Limits the time that isolates' messages take of the thread. One serves all isolates of a process.
 */
export class ThreadShare {
  #debtMs = 0;
  #spentAt = 0;
  #rest: Promise<void> | null = null;

  /**
   * Notes time that was spent on an isolate, up to now.
   *
   * @returns What to wait for before more is handled, if others have to have their turn first.
   */
  spend(spentMs: number, nowMs: number): Promise<void> | null {
    const repaidMs = (nowMs - this.#spentAt) * REPAID_SHARE;
    this.#debtMs = Math.max(0, this.#debtMs - repaidMs) + spentMs;
    this.#spentAt = nowMs;
    if (this.#debtMs > MAX_DEBT_MS) this.#rest ??= this.#comeToRest();
    return this.#rest;
  }

  async #comeToRest(): Promise<void> {
    // A timer, however short: what is ready is worked off, then the loop waits for the network.
    await delay(0);
    this.#debtMs = 0;
    this.#rest = null;
  }
}
