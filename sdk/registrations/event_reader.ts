/**
 * The interface of a trigger of `register()`: every file of this folder implements it, and shares
 * these checks.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { RegistrationMode, TriggerSpec } from "../../contract/plan/registration.ts";
import { OWN_KEYS } from "../../contract/plan/vocabulary.ts";

/** Options of `register()` as an author gave them; not checked yet. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** A reader that `register()` can wait with. */
export interface Trigger {
  /** Names of the options of `register()` that are this reader's own. */
  readonly options: readonly string[];
  /** Options of failures and of flow, of all there are, that mean something here. */
  readonly shared: readonly string[];
  /** Executions on a shard at a time, where the author says nothing. */
  readonly concurrency: number;
  /** Checks the reader's own options. @throws GearsError */
  compile(options: GivenOptions, mode: RegistrationMode): TriggerSpec;
  /** Words that tell the trigger from others of its reader: part of the default name. */
  nameOf(trigger: TriggerSpec): string;
}

/** `*`, or the prefix that was given. @throws GearsError */
export function prefixOf(options: GivenOptions): string {
  const { prefix = "*" } = options;
  if (typeof prefix === "string" && prefix.startsWith(OWN_KEYS)) {
    throw new PlanError(
      `Cannot register for ${
        describe(prefix)
      }: keys of the runtime's own (${OWN_KEYS}*) fire nothing`,
    );
  }
  if (typeof prefix === "string" && prefix !== "") return prefix;
  throw new PlanError(
    `regex argument must be a string: expected prefix as a key or as "start*", got ${
      describe(prefix)
    }`,
  );
}

/** Characters that no name and no description may have: they stand in logs and on terminals. */
const CONTROL = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;

/** @throws GearsError where a text has control characters */
export function requirePlain(text: string, what: string): void {
  if (!CONTROL.test(text)) return;
  throw new PlanError(`${what} must have no control characters, got ${describe(text)}`);
}

/** A text of the author's as a part of a name. */
export function toPlain(text: string): string {
  return text.replaceAll(new RegExp(CONTROL, "gu"), "?");
}

/**
 * A list of texts; null where none was given. @throws GearsError that names the list or the text
 */
export function textsOf(
  value: unknown,
  what: { readonly list: string; readonly item: string },
): string[] | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || !(Symbol.iterator in value)) {
    throw new PlanError(`given ${what.list} is not iterable: got ${describe(value)}`);
  }
  return Array.from(value as Iterable<unknown>, (item) => {
    if (typeof item === "string") return item;
    throw new PlanError(`given ${what.item} is not string: got ${describe(item)}`);
  });
}

/** A whole number within bounds. @throws GearsError that begins with `<what> must be a number` */
export function numberOf(
  value: unknown,
  what: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new PlanError(
    `${what} must be a number: expected a whole one from ${min} to ${max}, got ${describe(value)}`,
  );
}
