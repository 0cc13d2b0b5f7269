/**
 * Knows to which execution the code belongs that runs now: a reader or a step's callback, also
 * after its awaits. Runs that such code asks for are nested; commands that it gives after its
 * execution was aborted are refused.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";

/** An execution as the code around it knows it. */
export interface ScopedExecution {
  readonly isAborted: boolean;
  /**
   * Number of registrations whose writes led to the event that it runs for; absent where it has
   * none.
   */
  readonly depth?: number;
  /** A command of it went to another shard. */
  countForwarded(): void;
}

const scope = new AsyncLocalStorage<ScopedExecution>();

/** The execution that has called the code that asks; undefined outside of any. */
export function findExecution(): ScopedExecution | undefined {
  return scope.getStore();
}

/** Calls `run` as part of an execution, with everything that it sets off. */
export function runInExecution<T>(execution: ScopedExecution, run: () => T): T {
  return scope.run(execution, run);
}
