/**
 * What code leaves behind ends with its session.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { type Attempts, pause, securitySuite } from "./support/security_suite.ts";

/** Ways to go on for ever that count in Redis while they do. */
const LEFTOVERS = {
  "an interval": `setInterval(() => execute("INCR", "alive"), 2);`,
  "a chain of timers":
    `const next = () => { execute("INCR", "alive"); setTimeout(next, 2); }; next();`,
  "a chain of promises": `
    (async () => { while (true) { await execute("INCR", "alive"); await new Promise((r) => setTimeout(r, 2)); } })();`,
  "a listener": `
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { execute("INCR", "alive"); port2.postMessage(1); };
    port2.postMessage(1);`,
  "a finalizer": `
    const registry = new FinalizationRegistry(() => execute("INCR", "alive"));
    setInterval(() => { for (let i = 0; i < 1_000; i++) registry.register({}, 1); }, 2);
    execute("INCR", "alive");`,
};

async function assertStopped(arena: Arena): Promise<void> {
  const count = Number(await arena.ask("GET", "alive"));
  assert(count > 0, "it never ran");
  await pause(60);
  assertEquals(Number(await arena.ask("GET", "alive")), count);
  await arena.ask("DEL", "alive");
}

const scripts: Attempts = Object.fromEntries(
  Object.entries(LEFTOVERS).map(([name, code]) => [`${name}, after a script`, async (arena) => {
    await arena.run(`${code}
      GB("ShardsIDReader").map(() => new Promise((resolve) => setTimeout(resolve, 50))).run();`);
    await assertStopped(arena);
  }]),
);

securitySuite("leftovers", {
  ...scripts,
  "an interval, after a script that nobody waits for": async (arena) => {
    const { body } = await arena.run(
      `${LEFTOVERS["an interval"]}
       GB("ShardsIDReader").map(() => new Promise((resolve) => setTimeout(resolve, 50))).run();`,
      "?unblocking=1",
    );
    await arena.runtime.engine.executions.waitForResults(body.executionId);
    await pause(50);
    await assertStopped(arena);
    arena.runtime.engine.executions.drop(body.executionId);
  },
  "an interval, after its library is removed": async (arena) => {
    await arena.deploy(
      "ticking",
      `import { execute } from "pinion";
       export async function tick() { ${
        LEFTOVERS["an interval"]
      } return await execute("INCR", "alive"); }`,
    );
    await arena.invoke("ticking", "tick");
    await arena.undeployAll();
    await assertStopped(arena);
  },
  "an interval, after its library is upgraded": async (arena) => {
    const source = `import { execute } from "pinion";
       export async function tick() { ${
      LEFTOVERS["an interval"]
    } return await execute("INCR", "alive"); }`;
    await arena.deploy("ticking", source);
    await arena.invoke("ticking", "tick");
    await arena.request("PUT", "/v1/libraries/ticking", {
      body: JSON.stringify({ source: "export const quiet = () => 1;", upgrade: true }),
      headers: { "content-type": "application/json" },
    });
    await pause(100);
    await assertStopped(arena);
  },
});
