/**
 * Code that does not give the processor back ends at its limit of time.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, type Attempts, pause, securitySuite } from "./support/security_suite.ts";

const HANGS = {
  "a loop": "while (true) {}",
  "a chain of microtasks": "await (async () => { while (true) await null; })();",
  "a catastrophic regular expression": `/^(a+)+$/.test("a".repeat(40) + "b");`,
  "a wait without end": "await new Promise(() => {});",
  "a wait that blocks the thread": `
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
};
const TOO_LONG = /^The function was stopped: .* took longer than 600 ms \(\w+\)$/;
const MAX_ELAPSED_MS = 3_000;

async function runScript(arena: Arena, code: string): Promise<void> {
  const answer = await arena.run(code);
  assertRefused(answer, "LIMIT_TIME", TOO_LONG);
  assert(answer.elapsedMs < MAX_ELAPSED_MS, `it took ${answer.elapsedMs} ms`);
}

/** The call under way fails with a code that tells to try again; the next has a fresh isolate. */
async function invokeLibrary(arena: Arena): Promise<void> {
  await arena.deploy(
    "hang",
    `export async function hang() { ${HANGS["a loop"]} }
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

const scripts: Attempts = Object.fromEntries(
  Object.entries(HANGS).map((
    [name, code],
  ) => [`${name}, in a script`, (arena) => runScript(arena, code)]),
);

securitySuite("busy loops", { ...scripts, "a loop, in a library": invokeLibrary });
