/**
 * Code that does not give the processor back ends at its limit of time.
 *
 * @module
 */

import { assert } from "@std/assert";
import { assertRefused, securitySuite } from "./support/security_suite.ts";

const HANGS = {
  "a loop": "while (true) {}",
  "a chain of microtasks": "await (async () => { while (true) await null; })();",
  "a catastrophic regular expression": `/^(a+)+$/.test("a".repeat(40) + "b");`,
  "waiting for ever": "await new Promise(() => {});",
};

securitySuite("busy loops", {
  ...Object.fromEntries(
    Object.entries(HANGS).map(([name, code]) => [`${name}, in a script`, async (arena) => {
      const answer = await arena.run(code);
      assertRefused(answer, "LIMIT_TIME", /^The function was stopped: .* longer than 600 ms$/);
      assert(answer.elapsedMs < 1_500, `it took ${answer.elapsedMs} ms`);
    }]),
  ),
});
