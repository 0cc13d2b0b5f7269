/**
 * The interface of a step at run time: every file of this folder implements it.
 *
 * @module
 */

import type { CallbackRef, Step } from "../../../contract/plan/step.ts";
import type { StepFigures } from "../../../contract/isolate/messages/execution_messages.ts";
import type { Batch } from "../base/batch.ts";

/** Any callback, an author's or a built-in one. */
// deno-lint-ignore no-explicit-any
export type Callback = (...args: any[]) => any;

/** The part of its execution that a step may use. */
export interface StepContext {
  /** The function behind a reference. */
  callback(ref: CallbackRef): Callback;
  /** Takes a record out of the flow: its error goes to the execution's errors. */
  fail(error: unknown): void;
  /** Number of promises that may be outstanding. */
  readonly window: number;
  /** Runs several steps at once, where the author's language has that. */
  readonly fuse?: FuseSteps;
}

/** Runs one step over batch after batch, in order. */
export interface StepRunner {
  /** The next batch; the next call may come before a promise of this one is settled. */
  run(batch: Batch): Batch | Promise<Batch>;
  /** Gives what a step has gathered, at the end of the flow. */
  flush?(): Batch | Promise<Batch>;
  /** Number of the next records that may pass at most; at 0 the reader may stop. Default: all. */
  readonly remaining?: number;
}

/** Runs several steps at once. */
export interface FusedRunner extends StepRunner {
  /** Figures of each of them. */
  readonly figures: readonly StepFigures[];
}

/** Makes one runner for as many of the first steps as it can; null where that is none. */
export type FuseSteps = (steps: readonly Step[], context: StepContext) => FusedRunner | null;

/** Makes the runner of a step. */
export type StepFactory<S extends Step> = (step: S, context: StepContext) => StepRunner;
