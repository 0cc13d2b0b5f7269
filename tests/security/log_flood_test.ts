/**
 * Lines without end are dropped and counted; nothing reaches the streams of the process.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { listIsolates } from "./support/footprint.ts";
import {
  assertLimited,
  assertRefused,
  pause,
  resultOf,
  securitySuite,
  until,
} from "./support/security_suite.ts";

const TURN = "await new Promise((resolve) => setTimeout(resolve));";

securitySuite("floods of logs", {
  "lines turn after turn": async (arena) => {
    const from = arena.runtime.logs.length;
    const answer = await arena.run(
      `while (true) { for (let i = 0; i < 5_000; i++) log("flood"); ${TURN} }`,
    );
    assertRefused(answer, "LIMIT_TIME", /longer than 1200 ms/);
    const lines = arena.runtime.logs.slice(from).filter((line) => line.includes("flood"));
    assert(lines.length <= 300, `${lines.length} lines were logged in about a second`);
    const note = arena.runtime.logs.slice(from).find((line) => line.includes("dropped"));
    assertMatch(
      note!,
      /\d+ lines were dropped: the limit is 100 lines a second \(logLinesPerSecond\)/,
    );
  },
  "lines in one turn": async (arena) => {
    assertLimited(await arena.run(`while (true) log("flood");`));
  },
  "a long line": async (arena) => {
    const from = arena.runtime.logs.length;
    const answer = await arena.evaluate(`console.log("x".repeat(5_000_000)); return 1;`);
    assertEquals(resultOf(answer), 1);
    const line = arena.runtime.logs.slice(from).find((text) => text.includes("xxx"))!;
    assert(line.length < 9_000, `a line of ${line.length} characters was logged`);
  },
  "a line that looks like others": async (arena) => {
    const from = arena.runtime.logs.length;
    const line = "mine\\n2026-01-01 00:00:00 warning pinion forged\\x1b[31m\\r\\x07";
    assertEquals(resultOf(await arena.evaluate(`log("${line}"); return 1;`)), 1);
    const [logged] = arena.runtime.logs.slice(from).filter((text) => text.includes("mine"));
    assertMatch(logged, /mine\n {4}2026.* forged\\x1b\[31m\\x0d\\x07$/);
  },
  "every method of console": async (arena) => {
    const from = arena.runtime.logs.length;
    const others = await listIsolates();
    await arena.deploy(
      "shout",
      `export async function shout() {
         for (const name of Object.getOwnPropertyNames(console)) {
           for (let i = 0; i < 200; i++) {
             try { console[name](false, "SHOUT".repeat(200)); } catch {}
           }
         }
       }`,
    );
    await arena.invoke("shout", "shout");
    await pause(50);
    // The end of what a process printed is in the log of its death.
    for (const pid of await listIsolates()) if (!others.includes(pid)) Deno.kill(pid, "SIGKILL");
    const isDeath = (line: string) => line.startsWith("pinion warning Session shout");
    await until(() => arena.runtime.logs.slice(from).some(isDeath));
    const deaths = arena.runtime.logs.slice(from).filter(isDeath);
    assertEquals(deaths.filter((line) => line.includes("SHOUT")), []);
  },
}, { limits: { executionTimeoutMs: 1_200 }, isolates: { prestarted: 0 } });
