/**
 * The one function that turns what a builder recorded into a plan.
 *
 * @module
 */

import { contentText } from "./content_text.ts";
import { PlanError } from "./gears_error.ts";
import { type AuthorCallback, type CallbackTable, describe } from "./operations/operation.ts";
import type { Operation } from "./operations/operation.ts";
import type { ExecutionMode, Plan } from "./plan/plan.ts";
import type { CallbackRef } from "./plan/step.ts";
import { READERS } from "./readers/table.ts";
import { shortenText } from "./short_text.ts";

/** Options of `run()` that every reader has. */
export interface RunOptions {
  /** Default `async`: on every shard of a cluster. */
  readonly mode?: ExecutionMode;
  /** Bring results of other shards back. Default true. */
  readonly collect?: boolean;
  /** Show results as text over RESP. Default true. */
  readonly convertToStr?: boolean;
  /** How many promises of one step may be outstanding. Default 1,000. */
  readonly window?: number;
}

/** What a builder recorded. */
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
const DEFAULT_WINDOW = 1_000;
const MAX_TEXT = 1_024;

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
  const known = [...COMMON_OPTIONS, ...reader.options];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new PlanError(
        `Unknown option "${name}" of run() with ${recording.reader}: expected one of ${
          known.join(", ")
        }`,
      );
    }
  }
  const { mode = "async", collect = true, convertToStr = true, window = DEFAULT_WINDOW } = options;
  if (typeof mode !== "string") throw new PlanError("execution mode must be a string");
  if (mode !== "async" && mode !== "async_local") throw new PlanError("unknown execution mode");
  if (!Number.isSafeInteger(window) || window < 1 || window > 100_000) {
    throw new PlanError(`window must be a whole number from 1 to 100000, got ${describe(window)}`);
  }
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

/** Numbers callbacks in the order in which steps name them. */
class CallbackList implements CallbackTable {
  readonly list: AuthorCallback[] = [];

  author(callback: AuthorCallback): CallbackRef {
    return this.#add(callback, callback.name, Function.prototype.toString.call(callback));
  }

  constant(value: unknown): CallbackRef {
    if (typeof value !== "object" || value === null) {
      return this.#add(() => value, "zero", contentText(value));
    }
    const copy = cloneZero(value);
    return this.#add(() => structuredClone(copy), "zero", contentText(copy));
  }

  #add(callback: AuthorCallback, name: string, text: string): CallbackRef {
    this.list.push(callback);
    return {
      source: "author",
      index: this.list.length - 1,
      name: String(name).slice(0, MAX_TEXT),
      text: shortenText(text, MAX_TEXT),
    };
  }
}

function cloneZero(value: object): unknown {
  try {
    const copy = structuredClone(value);
    contentText(copy);
    return copy;
  } catch (error) {
    throw new PlanError(
      `The zero value must be data that can be copied: ${(error as Error).message}`,
    );
  }
}
