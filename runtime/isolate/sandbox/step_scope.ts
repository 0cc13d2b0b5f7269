/**
 * Knows whether the code that runs now is a step's callback.
 *
 * It holds for the part of a callback up to its first `await`, which is where nested runs begin.
 *
 * @module
 */

let depth = 0;

/** Whether a step's callback is on the stack. */
export function isInStep(): boolean {
  return depth > 0;
}

/** Calls `run` as part of a step. */
export function inStep<T>(run: () => T): T {
  depth++;
  try {
    return run();
  } finally {
    depth--;
  }
}
