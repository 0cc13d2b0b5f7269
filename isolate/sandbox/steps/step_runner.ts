/**
 * What a step is at run time: the interface that every file of this folder implements.
 *
 * @module
 */

import type { CallbackRef, Step } from "../../../contract/plan/step.ts";
import type { Batch } from "../base/batch.ts";

/** Any callback, an author's or a built-in one. */
// deno-lint-ignore no-explicit-any
export type Callback = (...args: any[]) => any;

/** What a step may use of its execution. */
export interface StepContext {
  /** The function behind a reference. */
  callback(ref: CallbackRef): Callback;
  /** Takes a record out of the flow: its error goes to the execution's errors. */
  fail(error: unknown): void;
  /** How many promises may be outstanding. */
  readonly window: number;
}

/** Runs one step over batch after batch, in order. */
export interface StepRunner {
  /** The next batch; the next call may come before a promise of this one is settled. */
  run(batch: Batch): Batch | Promise<Batch>;
  /** What a step that gathers records gives at the end of the flow. */
  flush?(): Batch | Promise<Batch>;
  /** How many of the next records may pass at most; at 0 the reader may stop. Default: all. */
  readonly remaining?: number;
}

/** Makes the runner of a step. */
export type StepFactory<S extends Step> = (step: S, context: StepContext) => StepRunner;
