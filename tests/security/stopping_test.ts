/**
 * Whatever code does, it is gone at once when somebody stops it: by id, by leaving, by removing its
 * library, by ending the runtime.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { startRuntime } from "../support/start_runtime.ts";
import type { Arena } from "./support/arena.ts";
import { listIsolates } from "./support/footprint.ts";
import { pause, securitySuite, until } from "./support/security_suite.ts";

/** What is asked for is 100 ms; the rest is for a machine that has other things to do. */
const MAX_MS = 400;
const BUSY = "while (true) {}";
const BUSY_RUN = `GB("ShardsIDReader").map(() => { ${BUSY} }).run();`;

/** Does it, and measures until there are no more isolates than before. */
async function measureEnd(isolates: number, stop: () => unknown): Promise<void> {
  const startedAt = performance.now();
  await stop();
  await until(async () => (await listIsolates()).length <= isolates);
  const elapsedMs = performance.now() - startedAt;
  console.log(`    gone after ${elapsedMs.toFixed(0)} ms`);
  assert(elapsedMs < MAX_MS, `it took ${elapsedMs} ms`);
}

/** How many isolates there are when none is being started. */
async function countIsolates(arena: Arena): Promise<number> {
  await arena.run("1;");
  await pause(100);
  return (await listIsolates()).length;
}

securitySuite("stopping", {
  "an execution by its id": async (arena) => {
    const isolates = await countIsolates(arena);
    const { body } = await arena.run(BUSY_RUN, "?unblocking=1");
    await measureEnd(
      isolates,
      () => arena.request("POST", `/v1/executions/${body.executionId}/abort`),
    );
    arena.runtime.engine.executions.drop(body.executionId);
  },
  "a script whose HTTP client leaves": async (arena) => {
    const isolates = await countIsolates(arena);
    const controller = new AbortController();
    const running = assertRejects(() => arena.run(BUSY, "", controller.signal));
    // The server looks whether a client is there after 250 ms.
    await pause(400);
    await measureEnd(isolates, () => controller.abort());
    await running;
  },
  "a script whose RESP client leaves": async (arena) => {
    const isolates = await countIsolates(arena);
    const conn = await Deno.connect(arena.runtime.resp);
    const source = `*2\r\n$12\r\nRG.TSEXECUTE\r\n$${BUSY.length}\r\n${BUSY}\r\n`;
    await conn.write(new TextEncoder().encode(source));
    await pause(300);
    await measureEnd(isolates, () => conn.close());
  },
  "a library that is removed while it is busy": async (arena) => {
    const isolates = await countIsolates(arena);
    await arena.deploy("busy", `export async function busy() { ${BUSY} }`);
    const busy = arena.invoke("busy", "busy");
    await pause(100);
    await measureEnd(isolates, () => arena.undeployAll());
    assertEquals((await busy).body.code, "NO_LIBRARY");
  },
  "a library that is busy while it is loaded": async (arena) => {
    const startedAt = performance.now();
    const answer = await arena.deploy("busy", `${BUSY} export const f = () => 1;`);
    assertEquals(answer.body.code, "LIMIT_TIME", answer.excerpt);
    assert(performance.now() - startedAt < 3_000);
  },
  "a whole runtime": async () => {
    const isolates = (await listIsolates()).length;
    const runtime = await startRuntime();
    await runtime.engine.libraries.deploy({
      name: "busy",
      source: `export async function busy() { ${BUSY} }`,
      manifest: { env: {}, allowNet: [], secrets: [] },
      upgrade: false,
    });
    const ends = [
      runtime.engine.functions.invoke("busy", "busy", new Uint8Array()),
      runtime.engine.scripts.run(BUSY, {}),
      runtime.engine.scripts.run(BUSY_RUN, {}),
    ].map((running) => assertRejects(() => running, PinionError, "shutting down"));
    await pause(200);
    await measureEnd(isolates, () => runtime.shard[Symbol.asyncDispose]());
    await Promise.all(ends);
    await runtime.redis.stop();
  },
}, { limits: { executionTimeoutMs: 10_000, invocationTimeoutMs: 10_000, loadTimeoutMs: 600 } });
