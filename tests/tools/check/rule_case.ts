/**
 * A planted tree for one rule of `tools/check/rules/`, and the places that the rule finds there.
 *
 * @module
 */

import { Project } from "../../../tools/check/project.ts";
import type { Rule } from "../../../tools/check/rule.ts";

/** Texts of a planted tree by path. */
export type Texts = Readonly<Record<string, string>>;

/** A planted tree, and the places that the rule finds there. */
export interface RuleCase {
  readonly rule: Rule;
  readonly name: string;
  readonly texts: Texts;
  /** `path` or `path:line`; none for a tree that keeps the rule. */
  readonly finds: readonly string[];
}

/** Parses a planted tree. */
export function plant(texts: Texts): Project {
  return new Project(new Map(Object.entries(texts)));
}

/** Lists the places that a rule finds in a planted tree. */
export function listPlaces(rule: Rule, texts: Texts): string[] {
  return rule.find(plant(texts)).map(({ path, line }) =>
    line === undefined ? path : `${path}:${line}`
  );
}

/** Writes so many lines of code. */
export function writeLines(count: number): string {
  return "read();\n".repeat(count);
}
