/**
 * Each rule of `deno task check` sees its breach in a planted tree, and passes the good neighbour.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { RULES } from "../../../tools/check/rules/table.ts";
import { CODE_CASES } from "./cases/code_cases.ts";
import { IMPORT_CASES } from "./cases/import_cases.ts";
import { SIZE_CASES } from "./cases/size_cases.ts";
import { listPlaces } from "./rule_case.ts";

const CASES = [...IMPORT_CASES, ...CODE_CASES, ...SIZE_CASES];

for (const { rule, name, texts, finds } of CASES) {
  const verdict = finds.length > 0 ? "finds" : "passes";
  Deno.test(`rules: ${rule.name} ${verdict}: ${name}`, () => {
    assertEquals(listPlaces(rule, texts).sort(), [...finds].sort());
  });
}

Deno.test("rules: each has a tree that breaks it and one that keeps it", () => {
  for (const { name } of RULES) {
    const own = CASES.filter(({ rule }) => rule.name === name);
    assert(own.some(({ finds }) => finds.length > 0), `${name} has no tree that breaks it`);
    assert(own.some(({ finds }) => finds.length === 0), `${name} has no tree that keeps it`);
  }
});

Deno.test("rules: a file of no area is a finding of the borders, so a new room gets its row", () => {
  const rule = RULES.find(({ name }) => name === "borders")!;
  const texts = { "isolate/a.ts": "export const a = 1;\n" };
  assertEquals(listPlaces(rule, texts), ["isolate/a.ts"]);
});
