/**
 * Executions without end, started by other executions or by nobody in particular.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import {
  assertLimited,
  assertRefused,
  resultOf,
  securitySuite,
  until,
} from "./support/security_suite.ts";

const TOO_MANY =
  /^Cannot run: 2000 executions of this session are under way already; await some first/;
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
    // The step that starts them is one, too.
    const answer = await arena.evaluate(`
      const refusals = [];
      await new Promise((resolve) => {
        for (let i = 0; i < 2_050; i++) {
          ${ENDLESS}.catch(({ message }) => { if (refusals.push(message) === 51) resolve(); });
        }
      });
      return refusals;`);
    const refusals = resultOf(answer) as string[];
    assertEquals(refusals.length, 2_050 - 1_999);
    assertMatch(refusals[0], TOO_MANY);
  },
  "one that starts itself": async (arena) => {
    const answer = await arena.evaluate(`
      const next = () => GB("ShardsIDReader").map(next).run();
      await next();`);
    if (answer.status !== 200) assertLimited(answer);
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
    const sessions = () => arena.runtime.engine.scripts.listSessions();
    await until(() => sessions().every(({ id, refCount }) => id !== "spawn" || refCount === 0));
    assertEquals((await arena.invoke("spawn", "fine")).body, "fine");
  },
}, { limits: { executionTimeoutMs: 2_000, invocationTimeoutMs: 3_000, memoryMb: 256 } });
