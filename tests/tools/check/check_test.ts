/**
 * `deno task check` leaves exceptions out, and reports those that are unneeded or too many.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { checkProject, formatFinding } from "../../../tools/check/check.ts";
import { type Exception, EXCEPTIONS, MAX_EXCEPTIONS } from "../../../tools/check/exceptions.ts";
import type { Rule } from "../../../tools/check/rule.ts";
import { RULES } from "../../../tools/check/rules/table.ts";
import { plant } from "./rule_case.ts";

const PROJECT = plant({ "redis/a.ts": "export const a = 1;\n" });
/** Finds two places of one file, and one of another. */
const RULE: Rule = {
  name: "planted",
  find: () => [
    { path: "redis/a.ts", line: 1, message: "is wrong" },
    { path: "redis/a.ts", line: 2, message: "is wrong" },
    { path: "redis/b.ts", message: "is wrong" },
  ],
};

function except(path: string, rule = RULE.name): Exception {
  return { rule, path, reason: "the test wants it" };
}

Deno.test("check: findings carry the name of their rule", () => {
  const findings = checkProject(PROJECT, [RULE], []);
  assertEquals(findings.map(({ rule, path }) => [rule, path]), [
    ["planted", "redis/a.ts"],
    ["planted", "redis/a.ts"],
    ["planted", "redis/b.ts"],
  ]);
});

Deno.test("check: an exception holds for all places of its path, and for no other path", () => {
  const findings = checkProject(PROJECT, [RULE], [except("redis/a.ts")]);
  assertEquals(findings.map(({ path }) => path), ["redis/b.ts"]);
});

Deno.test("check: an exception that nothing needs is a finding, also one of another rule", () => {
  const unneeded = [except("redis/c.ts"), except("redis/b.ts", "other")];
  const findings = checkProject(PROJECT, [RULE], unneeded);
  assertEquals(findings.filter(({ rule }) => rule === "exceptions").map(formatFinding), [
    "redis/c.ts exceptions: needs no exception from planted: remove it",
    "redis/b.ts exceptions: needs no exception from other: remove it",
  ]);
});

Deno.test("check: one exception more than there may be is a finding", () => {
  const paths = Array.from({ length: MAX_EXCEPTIONS + 1 }, (_, index) => `redis/${index}.ts`);
  const rule: Rule = { name: RULE.name, find: () => paths.map((path) => ({ path, message: "" })) };
  const few = paths.slice(1).map((path) => except(path));
  assertEquals(checkProject(PROJECT, [rule], few).map(({ path }) => path), ["redis/0.ts"]);
  const many = checkProject(PROJECT, [rule], paths.map((path) => except(path)));
  assertEquals(many.map(({ path }) => path), ["tools/check/exceptions.ts"]);
  assertMatch(many[0].message, /has 11 exceptions: at most 10/);
});

Deno.test("check: a finding is printed with its line where it has one", () => {
  const finding = { rule: "sizes", path: "redis/a.ts", message: "has 351 lines" };
  assertEquals(formatFinding(finding), "redis/a.ts sizes: has 351 lines");
  assertEquals(formatFinding({ ...finding, line: 7 }), "redis/a.ts:7 sizes: has 351 lines");
});

Deno.test("check: the exceptions name rules that exist, each with a reason", () => {
  const names = RULES.map(({ name }) => name);
  const wrong = EXCEPTIONS.filter(({ rule, reason }) => !names.includes(rule) || reason === "");
  assertEquals(wrong, []);
});
