/**
 * Errors of sessions that run into a limit: the work that was stopped, the limit, its value.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { SessionLimits } from "../../../contract/isolate/session_limits.ts";

/** Something took longer than it may. */
export function tooLong(what: string, timeoutMs: number, limit: keyof SessionLimits): PinionError {
  return new PinionError(
    "LIMIT_TIME",
    `The function was stopped: ${what} took longer than ${timeoutMs} ms (${limit})`,
  );
}

/** An execution has more results than it may. */
export function tooManyResults(resultBytes: number): PinionError {
  return new PinionError(
    "LIMIT_RESULT",
    `The execution was stopped: its results are larger than ${resultBytes} bytes (resultBytes); aggregate them, or write them to Redis`,
  );
}

/** A reply is larger than it may be. */
export function tooLargeReply(bodyBytes: number, resultBytes: number): PinionError {
  return new PinionError(
    "LIMIT_RESULT",
    `The function's reply has ${bodyBytes} bytes, the limit is ${resultBytes} bytes (resultBytes); return less, or write it to Redis`,
  );
}

/** A session has more executions under way than it may. */
export function tooManyRuns(maxRunning: number): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot run: ${maxRunning} executions of this session are under way already; await some first`,
  );
}
