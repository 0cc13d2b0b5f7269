/**
 * The interface of a reader to a builder: every file of this folder implements it.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { type CallbackTable, describe } from "../operations/operation.ts";
import type { ReaderSpec } from "../../contract/plan/reader_spec.ts";

/** A reader's own options as an author gave them; not checked yet. */
export type ReaderOptions = Readonly<Record<string, unknown>>;

/** A reader that `run()` can start. */
export interface Reader {
  /** Names of the options of `run()` that are this reader's own. */
  readonly options: readonly string[];
  /** Checks the argument and options of `run()`. @throws GearsError */
  compile(argument: unknown, options: ReaderOptions, callbacks: CallbackTable): ReaderSpec;
}

/** A string, or `fallback` where nothing or an empty string was given. @throws GearsError */
export function stringOr(value: unknown, fallback: string, what: string): string {
  if (value === undefined || value === null || value === "") return fallback;
  if (typeof value === "string") return value;
  throw new PlanError(`${what} must be a string, got ${describe(value)}`);
}

/** A boolean, or `fallback` where nothing was given. @throws GearsError */
export function booleanOr(value: unknown, fallback: boolean, what: string): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw new PlanError(`${what} value is not boolean: got ${describe(value)}`);
}
