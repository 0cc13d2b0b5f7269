/**
 * The interface of an operation: every file of this folder implements it.
 *
 * @module
 */

import type { CallbackRef, Step } from "../../contract/plan/step.ts";
import type { BuiltinCallback } from "../../contract/plan/vocabulary.ts";
import { PlanError } from "../base/gears_error.ts";

// deno-lint-ignore no-explicit-any
export type AuthorCallback = (...args: any[]) => unknown;

/** Numbers the callbacks of a plan while it is compiled. */
export interface CallbackTable {
  /** The reference of an author's function. */
  author(callback: AuthorCallback): CallbackRef;
  /** The reference of a function that gives a fresh copy of `value` each time. */
  constant(value: unknown): CallbackRef;
}

/** An operation as a builder records it: its name and how it becomes steps. */
export interface Operation {
  /** Name as the author wrote it. */
  readonly name: string;
  /** The primitive steps, in order. */
  compile(callbacks: CallbackTable): readonly Step[];
}

/** The reference of a function that every isolate knows. */
export function builtin(name: BuiltinCallback): CallbackRef {
  return { source: "builtin", name };
}

/** @throws GearsError `<what> must be a function` */
export function requireFunction(
  value: unknown,
  what: string,
): asserts value is AuthorCallback {
  if (typeof value !== "function") {
    throw new PlanError(`${what} must be a function, got ${describe(value)}`);
  }
}

/** @throws GearsError `<what> must be a whole number of at least <min>` */
export function requireCount(value: unknown, what: string, min = 0): asserts value is number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min) {
    throw new PlanError(
      `${what} must be a number: expected a whole number >= ${min}, got ${describe(value)}`,
    );
  }
}

/** A value as an error message shows it. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
