/**
 * CPU time is counted for the life of an isolate: at the soft limit nothing new begins in it, at
 * the hard limit it is killed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { assertRefused, securitySuite } from "./support/security_suite.ts";

const SOURCE = `
  let calls = 0;
  const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  export const work = async (ms) => { burn(ms); return ++calls; };`;

securitySuite("limits of CPU time", {
  "many short calls: the isolate is replaced, and no call fails": async (arena) => {
    await arena.deploy("burner", SOURCE);
    const counts: number[] = [];
    const endsAt = performance.now() + 1_500;
    while (performance.now() < endsAt) {
      const answer = await arena.invoke("burner", "work", 30);
      assertEquals(answer.status, 200, answer.excerpt);
      counts.push(answer.body);
    }
    assert(counts.filter((count) => count === 1).length > 1, `never replaced: ${counts}`);
  },
  "one long call": async (arena) => {
    await arena.deploy("burner", SOURCE);
    assertRefused(
      await arena.invoke("burner", "work", 60_000),
      "LIMIT_CPU",
      /^The function was stopped: it used \d+ ms of CPU time, the limit is 900 ms \(cpuHardMs\)$/,
    );
    assertEquals((await arena.invoke("burner", "work", 1)).body, 1);
  },
  "threads that nobody sees": async (arena) => {
    const answer = await arena.run(`
      const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "PBKDF2", false, ["deriveBits"]);
      const how = { name: "PBKDF2", salt: new Uint8Array(16), iterations: 1e9, hash: "SHA-512" };
      await crypto.subtle.deriveBits(how, key, 512);`);
    assertRefused(answer, "LIMIT_CPU", /the limit is 900 ms \(cpuHardMs\)$/);
  },
}, {
  limits: {
    cpuSoftMs: 400,
    cpuHardMs: 900,
    executionTimeoutMs: 10_000,
    invocationTimeoutMs: 10_000,
  },
});
