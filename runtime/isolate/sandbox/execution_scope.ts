/**
 * Knows whether the code that runs now belongs to an execution: to a reader or to a step's callback,
 * also after its awaits. Runs that such code asks for are nested.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";

const scope = new AsyncLocalStorage<true>();

/** Whether an execution has called the code that asks. */
export function isInExecution(): boolean {
  return scope.getStore() === true;
}

/** Calls `run` as part of an execution, with everything that it sets off. */
export function inExecution<T>(run: () => T): T {
  return scope.run(true, run);
}
