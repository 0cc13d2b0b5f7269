/**
 * An isolate that somebody else kills or halts: its work fails with a code that says so, the next
 * work has a fresh one, and a library that keeps dying is held back.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { listIsolates } from "./support/footprint.ts";
import type { Arena } from "./support/arena.ts";
import { assertRefused, pause, securitySuite, until } from "./support/security_suite.ts";

const SOURCE = `
  export const wait = () => new Promise(() => {});
  export const fine = async () => "fine";`;

/** Deploys a library; the process of its isolate. No isolate is started in advance here. */
async function deployVictim(arena: Arena, manifest: Record<string, unknown> = {}): Promise<number> {
  const others = await listIsolates();
  await arena.deploy("victim", SOURCE, manifest);
  return (await listIsolates()).find((pid) => !others.includes(pid))!;
}

/** It works again. A call that came before the runtime knew of the death may be tried again. */
async function expectFine(arena: Arena): Promise<void> {
  await until(async () => {
    const { body } = await arena.invoke("victim", "fine");
    if (body === "fine") return true;
    assertEquals([body.code, body.retryable], ["ISOLATE_DIED", true]);
    return false;
  });
}

/** The process of the isolate that took another one's place. */
async function nextVictim(arena: Arena, others: readonly number[]): Promise<number> {
  await expectFine(arena);
  return (await listIsolates()).find((pid) => !others.includes(pid))!;
}

securitySuite("isolates that are killed from outside", {
  "while it works": async (arena) => {
    const pid = await deployVictim(arena);
    const waiting = arena.invoke("victim", "wait");
    await pause(50);
    Deno.kill(pid, "SIGKILL");
    const answer = await waiting;
    assertRefused(answer, "ISOLATE_DIED", /^The isolate of the function died; start it again$/);
    assertEquals(answer.body.retryable, true);
    await expectFine(arena);
  },
  "while it has nothing to do": async (arena) => {
    const pid = await deployVictim(arena);
    Deno.kill(pid, "SIGKILL");
    await until(async () => !(await listIsolates()).includes(pid));
    await expectFine(arena);
  },
  "by a signal that could be caught": async (arena) => {
    const pid = await deployVictim(arena);
    Deno.kill(pid, "SIGTERM");
    await until(async () => !(await listIsolates()).includes(pid));
    await expectFine(arena);
  },
  "halted": async (arena) => {
    const pid = await deployVictim(arena, { timeoutMs: 300 });
    Deno.kill(pid, "SIGSTOP");
    assertRefused(await arena.invoke("victim", "fine"), "LIMIT_TIME", /longer than 300 ms/);
    await expectFine(arena);
  },
  "a script's": async (arena) => {
    const others = await listIsolates();
    const running = arena.run("await new Promise(() => {});");
    const find = async () => (await listIsolates()).find((pid) => !others.includes(pid));
    await until(async () => await find() !== undefined);
    await pause(100);
    Deno.kill((await find())!, "SIGKILL");
    assertEquals((await running).body.code, "ISOLATE_DIED");
  },
  "again and again": async (arena) => {
    const others = await listIsolates();
    Deno.kill(await deployVictim(arena), "SIGKILL");
    await pause(50);
    Deno.kill(await nextVictim(arena, others), "SIGKILL");
    await pause(50);
    assertRefused(
      await arena.invoke("victim", "fine"),
      "LIBRARY_STOPPED",
      /^Library victim died 2 times in a row and is started again in \d+ ms/,
    );
    const { body } = await arena.request("GET", "/v1/libraries/victim");
    assertMatch(body.state, /^backing off: /);
    assert(body.failures > 0);
    arena.runtime.engine.libraries.resume("victim");
    await expectFine(arena);
  },
}, {
  isolates: { prestarted: 0 },
  limits: { executionTimeoutMs: 5_000, invocationTimeoutMs: 5_000 },
});
