/**
 * What becomes of events whose execution fails: options of `register()`.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { FailureSpec } from "../../contract/plan/registration.ts";
import { type GivenOptions, numberOf } from "./event_reader.ts";

/**
 * See the module.
 *
 * Source: RedisGears 1.2 StreamReader (reference 2.3).
 * Differs: pauses grow, attempts end, and what still fails then is kept as a dead letter; there, a
 * stream is retried for ever at one pace. Times are in milliseconds.
 */
export interface FailureOptions {
  /**
   * `continue`: go on with the next; `abort`: stop the registration; `retry`: run it again, after
   * pauses that double, and in the end part what is at fault from the rest. In any case of letters.
   * Default `continue`.
   */
  readonly onFailedPolicy?: "continue" | "abort" | "retry";
  /** First pause before another try. Default 1,000. */
  readonly retryIntervalMs?: number;
  /** The same in seconds, as RedisGears has it. */
  readonly onFailedRetryInterval?: number;
  /** Longest pause. Default 60,000, or the first one where that is longer. */
  readonly maxRetryIntervalMs?: number;
  /** Runs of the same event in all, 0 for no end. Default 5. */
  readonly attempts?: number;
  /** Dead letters that are kept, the newest. Default 1,000 with `retry`, else 0: none. */
  readonly deadLetters?: number;
}

/** Names of {@linkcode FailureOptions}. */
export const FAILURE_OPTIONS: readonly (keyof FailureOptions)[] = [
  "onFailedPolicy",
  "retryIntervalMs",
  "onFailedRetryInterval",
  "maxRetryIntervalMs",
  "attempts",
  "deadLetters",
];

const DAY_MS = 86_400_000;
const POLICIES: readonly string[] = ["continue", "abort", "retry"];

function firstPauseOf({ retryIntervalMs, onFailedRetryInterval }: GivenOptions): number {
  if (onFailedRetryInterval === undefined) {
    return numberOf(retryIntervalMs ?? 1_000, "retryInterval argument", { min: 1, max: DAY_MS });
  }
  if (retryIntervalMs !== undefined) {
    throw new PlanError("retryIntervalMs and onFailedRetryInterval are the same: give one of them");
  }
  return 1_000 * numberOf(onFailedRetryInterval, "retryInterval argument", {
    min: 1,
    max: DAY_MS / 1_000,
  });
}

/** @throws GearsError */
export function compileFailure(options: GivenOptions): FailureSpec {
  const { onFailedPolicy = "continue", attempts = 5 } = options;
  if (typeof onFailedPolicy !== "string") {
    throw new PlanError(
      `onFailedPolicy must be a string (Continue/Abort/Retry), got ${describe(onFailedPolicy)}`,
    );
  }
  const policy = onFailedPolicy.toLowerCase();
  if (!POLICIES.includes(policy)) {
    throw new PlanError(
      `onFailedPolicy must be Continue/Abort/Retry, got ${describe(onFailedPolicy)}`,
    );
  }
  const first = firstPauseOf(options);
  const { maxRetryIntervalMs = Math.max(60_000, first) } = options;
  const { deadLetters = policy === "retry" ? 1_000 : 0 } = options;
  return {
    policy: policy as FailureSpec["policy"],
    retryIntervalMs: first,
    maxRetryIntervalMs: numberOf(maxRetryIntervalMs, "maxRetryIntervalMs argument", {
      min: first,
      max: DAY_MS,
    }),
    attempts: numberOf(attempts, "attempts argument", { min: 0, max: 1_000_000 }),
    deadLetters: numberOf(deadLetters, "deadLetters argument", { min: 0, max: 10_000_000 }),
  };
}
