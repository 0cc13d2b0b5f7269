/**
 * Makes the context of the steps of one execution: the functions behind the references of its plan.
 *
 * @module
 */

import type { CallbackRef } from "../../../contract/plan/step.ts";
import { BUILTINS } from "./builtins.ts";
import type { Callback, StepContext } from "./step_runner.ts";

/** Finds the function behind a reference: the author's by its number, ours by its name. */
export function findCallback(ref: CallbackRef, callbacks: readonly Callback[]): Callback {
  return ref.source === "author" ? callbacks[ref.index] : BUILTINS[ref.name];
}

/** Makes the context of steps that call `callbacks` as they are. */
export function makeContext(
  { callbacks, ...rest }: Omit<StepContext, "callback"> & {
    readonly callbacks: readonly Callback[];
  },
): StepContext {
  return { ...rest, callback: (ref) => findCallback(ref, callbacks) };
}
