/**
 * Recursion without end is an error of the author's code, wherever it begins.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused, errorOf, resultOf, securitySuite } from "./support/security_suite.ts";

securitySuite("deep recursion", {
  "in a script": async (arena) => {
    const answer = await arena.run("const dive = () => dive() + 1; dive();");
    assertRefused(answer, "SCRIPT_FAILED", /^RangeError: Maximum call stack size exceeded$/);
    assertEquals(answer.body.location.file, "script.ts");
  },
  "in a step": async (arena) => {
    const answer = await arena.evaluate("const dive = () => dive() + 1; return dive();");
    assertMatch(errorOf(answer), /^RangeError: Maximum call stack size exceeded/);
  },
  "in what the runtime asks of a value": async (arena) => {
    const answer = await arena.evaluate(`
      const value = { toJSON() { return value.toJSON(); }, get key() { return this.key; } };
      return value;`);
    assertMatch(errorOf(answer), /^Cannot send a result: /);
  },
  "in an error": async (arena) => {
    const answer = await arena.evaluate(`
      class Deep extends Error { get message() { return this.message; } get stack() { return this.stack; } }
      throw new Deep();`);
    assertMatch(errorOf(answer), /^an error that cannot be shown/);
  },
  "in the parser": async (arena) => {
    const answer = await arena.run("[".repeat(20_000) + "]".repeat(20_000));
    assertMatch(answer.body.code, /^(SCRIPT_SYNTAX|SCRIPT_FAILED|ISOLATE_DIED)$/, answer.text);
  },
  "in a regular expression": async (arena) => {
    const answer = await arena.evaluate(`
      try { return new RegExp("(".repeat(100_000) + ")".repeat(100_000)).test("x"); }
      catch (error) { return error.name; }`);
    assertEquals(resultOf(answer), "SyntaxError");
  },
});
