/**
 * When a library whose isolate died may get another one.
 *
 * ```text
 *            death                    death (QUARANTINE_DEATHS in a row)
 *  healthy ─────────► backing off ──────────────────────────────────────► quarantined
 *     ▲                  │  pause doubles with each death                      │
 *     └──────────────────┴── lives for STABLE_MS, upgrade, or by hand ◄────────┘ (not by itself)
 * ```
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { PinionError } from "../../errors.ts";

/** Pause after the second death in a row; none after the first. In milliseconds. */
const FIRST_PAUSE_MS = 100;
/** Longest pause. */
const MAX_PAUSE_MS = 30_000;
/** Deaths in a row after which nothing is tried any more. */
export const QUARANTINE_DEATHS = 10;
/** A session that has lived so long was healthy. */
const STABLE_MS = 60_000;

/** Decides when a library's isolate may start again. */
export class RestartPolicy {
  #deaths = 0;
  #startedAt = 0;
  #notBefore = 0;
  #reason = "";

  /** State as `libraries` shows it: null while all is well. */
  get state(): string | null {
    if (this.#deaths >= QUARANTINE_DEATHS) return `quarantined: ${this.#reason}`;
    return this.#deaths > 1 ? `backing off: ${this.#reason}` : null;
  }

  /** A session begins at `nowMs`. */
  started(nowMs: number): void {
    this.#startedAt = nowMs;
  }

  /** The session ended by its own fault. */
  died(reason: PinionError, nowMs: number): void {
    if (nowMs - this.#startedAt >= STABLE_MS) this.#deaths = 0;
    this.#deaths++;
    this.#reason = reason.message;
    const pause = this.#deaths === 1 ? 0 : FIRST_PAUSE_MS * 2 ** (this.#deaths - 2);
    this.#notBefore = nowMs + Math.min(MAX_PAUSE_MS, pause);
  }

  /** A person, or a new version, lifts it. */
  reset(): void {
    this.#deaths = 0;
    this.#notBefore = 0;
  }

  /** @throws `LIBRARY_STOPPED` where a session may not begin now */
  check(name: string, nowMs: number): void {
    if (this.#deaths >= QUARANTINE_DEATHS) {
      throw new PinionError(
        "LIBRARY_STOPPED",
        `Library ${name} is in quarantine after ${this.#deaths} deaths in a row; ` +
          `upgrade it, or \`${PROGRAM} resume ${name}\`. The last: ${this.#reason}`,
      );
    }
    if (nowMs >= this.#notBefore) return;
    throw new PinionError(
      "LIBRARY_STOPPED",
      `Library ${name} died ${this.#deaths} times in a row and is started again in ${
        this.#notBefore - nowMs
      } ms. The last: ${this.#reason}`,
    );
  }
}
