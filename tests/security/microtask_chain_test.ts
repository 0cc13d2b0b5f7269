/**
 * A chain of microtasks, which never lets the loop of events go on.
 *
 * @module
 */

import { securitySuite } from "./support/security_suite.ts";
import { expectStopped } from "./support/too_long.ts";

securitySuite("chains of microtasks", {
  "of await": (arena) =>
    expectStopped(arena, "await (async () => { while (true) await null; })();"),
  "of queueMicrotask": (arena) =>
    expectStopped(
      arena,
      "await new Promise(() => { const next = () => queueMicrotask(next); next(); });",
    ),
});
