/**
 * An expression whose matching takes time without end, within one call of the engine.
 *
 * @module
 */

import { securitySuite } from "./support/security_suite.ts";
import { expectStopped } from "./support/too_long.ts";

securitySuite("catastrophic regular expressions", {
  "with nested repetition": (arena) =>
    expectStopped(arena, '/^(a+)+$/.test("a".repeat(40) + "b");'),
  "with alternatives that overlap": (arena) =>
    expectStopped(arena, '"x".repeat(40).replace(/^(x|x)*y$/, "");'),
});
