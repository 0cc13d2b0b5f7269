/**
 * The figures of one registration on this shard.
 *
 * Source: reference 4.7. Differs: what was dropped or skipped is counted, too; clearing leaves what
 * is under way in `numTriggered`, as there.
 *
 * @module
 */

import type { EventFailure } from "../../../contract/isolate/messages/events.ts";
import type { ExecutionObserver } from "./event_source.ts";
import type { RegistrationFigures } from "../../../contract/api/registration_info.ts";

/** Counts one registration's events and executions. */
export class RegistrationStatistics implements ExecutionObserver {
  #triggered = 0;
  #success = 0;
  #failures = 0;
  #aborted = 0;
  #skipped = 0;
  #lastRunDurationMs = 0;
  #totalRunDurationMs = 0;
  #lastLagMs = 0;
  #totalLagMs = 0;
  /** Executions whose lag is known. */
  #lags = 0;
  #lastError: string | null = null;
  /** The last error stays until more executions than these are over. */
  #errorUntil = 0;

  began(executions: number): void {
    this.#triggered += executions;
  }

  ended(
    { executions, failures, totalDurationMs, lastDurationMs, lagMs }: {
      readonly executions: number;
      readonly failures: readonly EventFailure[];
      readonly totalDurationMs: number;
      readonly lastDurationMs: number;
      readonly lagMs: number | null;
    },
  ): void {
    const succeeded = executions - failures.length;
    this.#success += succeeded;
    this.#failures += failures.length;
    this.#totalRunDurationMs += totalDurationMs;
    this.#lastRunDurationMs = lastDurationMs;
    if (lagMs !== null) {
      this.#lastLagMs = lagMs;
      this.#totalLagMs += lagMs * executions;
      this.#lags += executions;
    }
    const last = failures.at(-1)?.errors.at(0);
    if (last !== undefined) this.#lastError = last;
    else if (succeeded > 0 && this.#over > this.#errorUntil) this.#lastError = null;
  }

  unfit(executions: number): void {
    this.#triggered -= executions;
  }

  /** An event was not run, as the error says: it stays until one that came later succeeds. */
  refused(error: string): void {
    this.#triggered++;
    this.#failures++;
    this.#lastError = error;
    this.#errorUntil = this.#triggered;
  }

  aborted(executions: number): void {
    this.#aborted += executions;
  }

  /** A tick of the clock that came while a run was still going, or an event that was dropped. */
  skipped(events: number): void {
    this.#skipped += events;
  }

  /** Something failed that is no execution, such as the start of the library. */
  failed(error: string): void {
    this.#lastError = error;
  }

  /** Begins anew; what is under way stays in `numTriggered`. */
  clear(): void {
    this.#triggered -= this.#success + this.#failures + this.#aborted;
    this.#success =
      this.#failures =
      this.#aborted =
      this.#skipped =
        0;
    this.#lastRunDurationMs = this.#totalRunDurationMs = 0;
    this.#lastLagMs = this.#totalLagMs = this.#lags = 0;
    this.#lastError = null;
    this.#errorUntil = 0;
  }

  get #over(): number {
    return this.#success + this.#failures + this.#aborted;
  }

  get figures(): RegistrationFigures {
    const ended = this.#success + this.#failures + this.#aborted;
    return {
      numTriggered: this.#triggered,
      numSuccess: this.#success,
      numFailures: this.#failures,
      numAborted: this.#aborted,
      numSkipped: this.#skipped,
      lastRunDurationMs: this.#lastRunDurationMs,
      totalRunDurationMs: this.#totalRunDurationMs,
      avgRunDurationMs: ended === 0 ? 0 : this.#totalRunDurationMs / ended,
      lastEstimatedLagMs: this.#lastLagMs,
      avgEstimatedLagMs: this.#lags === 0 ? 0 : this.#totalLagMs / this.#lags,
      lastError: this.#lastError,
    };
  }
}
