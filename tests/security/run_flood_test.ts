/**
 * Executions without end, started by other executions or by nobody in particular.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import {
  assertLimited,
  assertRefused,
  errorOf,
  resultOf,
  securitySuite,
} from "./support/security_suite.ts";

const TOO_MANY =
  /^Cannot run: 256 executions of this session are under way already; await some first/;
/** An execution that never ends by itself. */
const ENDLESS = `GB("GeneratorReader").run(async function* () { await new Promise(() => {}); })`;

securitySuite("floods of executions", {
  "a second run at the top level": async (arena) => {
    assertRefused(
      await arena.run(`GB("ShardsIDReader").run(); GB("ShardsIDReader").run();`),
      "BAD_PLAN",
      /^Can not run more then 1 executions in a single script$/,
    );
  },
  "more at a time than a session may have": async (arena) => {
    const answer = await arena.evaluate(`
      const refusals = await Promise.allSettled(Array.from({ length: 300 }, () =>
        Promise.race([${ENDLESS}, new Promise((resolve) => setTimeout(resolve, 300))])));
      return refusals.filter(({ status }) => status === "rejected").map(({ reason }) => reason.message);`);
    const refusals = resultOf(answer) as string[];
    assertEquals(refusals.length, 300 - 255);
    assertMatch(refusals[0], TOO_MANY);
  },
  "one that starts itself": async (arena) => {
    const answer = await arena.evaluate(`
      const next = () => GB("ShardsIDReader").map(next).run();
      await next();`);
    assertMatch(errorOf(answer), TOO_MANY);
  },
  "without end": async (arena) => {
    assertLimited(
      await arena.evaluate(`
        while (true) {
          for (let i = 0; i < 500; i++) GB("ShardsIDReader").run();
          await new Promise((resolve) => setTimeout(resolve));
        }`),
    );
  },
  "out of a library": async (arena) => {
    await arena.deploy(
      "spawn",
      `import { GB } from "pinion";
       export async function spawn() { for (let i = 0; i < 300; i++) ${ENDLESS}; return "begun"; }
       export const fine = async () => "fine";`,
    );
    assertEquals((await arena.invoke("spawn", "spawn")).body, "begun");
    // They end at their limit of time, and the isolate with them.
    let answer = await arena.invoke("spawn", "fine");
    while (
      answer.status === 200 &&
      arena.runtime.engine.listSessions().some(({ id, refCount }) => id === "spawn" && refCount > 0)
    ) {
      answer = await arena.invoke("spawn", "fine");
    }
    assertEquals((await arena.invoke("spawn", "fine")).body, "fine");
  },
});
