/**
 * The one function that turns what a builder recorded into a plan.
 *
 * @module
 */

import { CallbackList } from "./callback_list.ts";
import { PlanError } from "./base/gears_error.ts";
import { type AuthorCallback, describe, type Operation } from "./operations/operation.ts";
import type { ExecutionMode, Plan } from "../contract/plan/plan.ts";
import { READERS } from "./readers/reader_table.ts";

/** Options of `run()` that every reader has. */
export interface RunOptions {
  /** Default `async`: on every shard of a cluster. */
  readonly mode?: ExecutionMode;
  /** Bring results of other shards back. Default true. */
  readonly collect?: boolean;
  /** Show results as text over RESP. Default true. */
  readonly convertToStr?: boolean;
  /** Number of promises of one step that may be outstanding. Default 1,000. */
  readonly window?: number;
}

/** Steps that a builder recorded. */
export interface Recording {
  readonly reader: string;
  readonly defaultArgument?: unknown;
  readonly description?: string;
  readonly operations: readonly Operation[];
}

/** A plan with the functions that its references number. */
export interface CompiledPlan {
  readonly plan: Plan;
  readonly callbacks: readonly AuthorCallback[];
}

const COMMON_OPTIONS = ["mode", "collect", "convertToStr", "window"];
/** Promises of one step that may be outstanding, unless an option says otherwise. */
export const DEFAULT_WINDOW = 1_000;

/** @throws GearsError where the reader, its argument or an option cannot be */
export function compile(
  recording: Recording,
  argument: unknown,
  options: RunOptions & Readonly<Record<string, unknown>>,
): CompiledPlan {
  const reader = READERS[recording.reader];
  if (!reader) {
    throw new PlanError(
      `Given reader do not support run or not exists: ${recording.reader} waits for events`,
    );
  }
  requireKnown(options, [...COMMON_OPTIONS, ...reader.options], `run() with ${recording.reader}`);
  const { mode = "async", collect = true, convertToStr = true, window = DEFAULT_WINDOW } = options;
  if (typeof mode !== "string") throw new PlanError("execution mode must be a string");
  if (mode !== "async" && mode !== "async_local") throw new PlanError("unknown execution mode");
  requireWindow(window);
  const callbacks = new CallbackList();
  const given = argument === undefined || argument === null || argument === ""
    ? recording.defaultArgument
    : argument;
  return {
    plan: {
      version: 1,
      reader: reader.compile(given, options, callbacks),
      steps: recording.operations.flatMap((operation) => operation.compile(callbacks)),
      mode,
      collect: Boolean(collect),
      convertToStr: Boolean(convertToStr),
      window,
      ...(recording.description !== undefined && { description: recording.description }),
    },
    callbacks: callbacks.list,
  };
}

/** Refuses an option that is not among `known`. @throws GearsError */
export function requireKnown(
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
  call: string,
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new PlanError(
      `Unknown option "${name}" of ${call}: expected one of ${known.join(", ")}`,
    );
  }
}

/** @throws GearsError where a step may not have so many promises outstanding */
export function requireWindow(window: unknown): asserts window is number {
  if (Number.isSafeInteger(window) && (window as number) >= 1 && (window as number) <= 100_000) {
    return;
  }
  throw new PlanError(`window must be a whole number from 1 to 100000, got ${describe(window)}`);
}
