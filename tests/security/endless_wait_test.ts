/**
 * A wait for what never comes.
 *
 * @module
 */

import { securitySuite } from "./support/security_suite.ts";
import { expectStopped } from "./support/too_long.ts";

securitySuite("waits without end", {
  "for a promise": (arena) => expectStopped(arena, "await new Promise(() => {});"),
  "that block the thread": (arena) =>
    expectStopped(arena, "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"),
});
