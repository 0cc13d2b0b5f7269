/**
 * A loop without end.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, pause, securitySuite } from "./support/security_suite.ts";
import { expectStopped, TOO_LONG } from "./support/too_long.ts";

const LOOP = "while (true) {}";

/** The call under way fails with a code that tells to try again; the next has a fresh isolate. */
async function invokeLibrary(arena: Arena): Promise<void> {
  await arena.deploy(
    "hang",
    `export async function hang() { ${LOOP} }
     export const fine = async () => "fine";`,
  );
  const hanging = arena.invoke("hang", "hang");
  await pause(100);
  assertRefused(
    await arena.invoke("hang", "fine"),
    "ISOLATE_DIED",
    /because another one of its library/,
  );
  assertRefused(await hanging, "LIMIT_TIME", TOO_LONG);
  assertEquals((await arena.invoke("hang", "fine")).body, "fine");
}

securitySuite("busy loops", {
  "in a script": (arena) => expectStopped(arena, LOOP),
  "in a step": (arena) =>
    expectStopped(arena, `GB("ShardsIDReader").map(() => { ${LOOP} }).run();`),
  "in a library": invokeLibrary,
});
