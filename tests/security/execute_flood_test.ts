/**
 * Commands without end: those that wait are bounded, and so is what their replies may hold.
 *
 * @module
 */

import { assert } from "@std/assert";
import { assertLimited, assertRefused, securitySuite } from "./support/security_suite.ts";

securitySuite("floods of execute", {
  "calls that nobody awaits": async (arena) => {
    await arena.deploy(
      "flood",
      `import { execute } from "pinion";
       export async function flood() {
         for (let i = 0; i < 100_001; i++) execute("INCR", "flood").catch(() => {});
       }`,
      { timeoutMs: 10_000 },
    );
    assertRefused(
      await arena.invoke("flood", "flood"),
      "FUNCTION_FAILED",
      /^Cannot execute INCR: 100000 commands wait for their reply; await some first$/,
    );
  },
  "calls that nobody awaits, in spite of the errors": async (arena) => {
    assertLimited(
      await arena.run(`while (true) try { execute("INCR", "flood").catch(() => {}); } catch {}`),
    );
  },
  "calls that are awaited": async (arena) => {
    const answer = await arena.run(
      `while (true) {
         await Promise.all(Array.from({ length: 1_000 }, () => execute("INCR", "flood")));
       }`,
    );
    assertRefused(answer, "LIMIT_TIME", /longer than 1500 ms/);
    const count = Number(await arena.ask("GET", "flood"));
    assert(count > 1_000, `only ${count} commands came through`);
  },
  "replies larger than the memory": async (arena) => {
    await arena.ask("SET", "big", new Uint8Array(1_000_000).fill(120));
    const answer = await arena.run(
      `const all = [];
       while (true) {
         all.push(await Promise.all(Array.from({ length: 10 }, () => execute("GET", "big"))));
       }`,
    );
    assertRefused(answer, "LIMIT_MEMORY", /the limit is 200 MiB/);
  },
  "arguments larger than the memory": async (arena) => {
    const answer = await arena.run(
      `while (true) execute("ECHO", "x".repeat(1_000_000)).catch(() => {});`,
    );
    assertRefused(answer, "LIMIT_MEMORY", /the limit is 200 MiB/);
  },
  "transactions without end": async (arena) => {
    const answer = await arena.run(
      `while (true) await atomic(["flood"], (tx) => tx.execute("INCR", "flood"));`,
    );
    assertRefused(answer, "LIMIT_TIME", /longer than 1500 ms/);
  },
}, { limits: { memoryMb: 200, executionTimeoutMs: 1_500 } });
