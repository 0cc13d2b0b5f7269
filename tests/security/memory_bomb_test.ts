/**
 * Code that takes memory is stopped at its limit, wherever it takes it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, type Attempts, securitySuite } from "./support/security_suite.ts";

/** Bombs grow by small steps, so that the machine that runs the test notices little. */
const BOMBS = {
  "objects": "const all = []; while (true) all.push({ x: Math.random() });",
  "strings": `const all = []; while (true) all.push(String(Math.random()).repeat(1_000));`,
  "a Map": "const all = new Map(); for (let i = 0; ; i++) all.set(i, {});",
  "closures": "const all = []; while (true) { const x = {}; all.push(() => x); }",
  "ArrayBuffers": "const all = []; while (true) all.push(new Uint8Array(1_000_000).fill(1));",
  "a SharedArrayBuffer": `
    const shared = new SharedArrayBuffer(1_000, { maxByteLength: 2_000_000_000 });
    while (true) {
      shared.grow(shared.byteLength + 1_000_000);
      new Uint8Array(shared, shared.byteLength - 1_000_000).fill(1);
    }`,
  "WebAssembly memory": `
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    while (true) {
      const from = memory.buffer.byteLength;
      memory.grow(16);
      new Uint8Array(memory.buffer, from).fill(1);
    }`,
  "Blobs": `const all = [], part = "x".repeat(1_000_000); while (true) all.push(new Blob([part]));`,
  "promises that nobody awaits": `
    const all = []; while (true) all.push(new Promise(() => {}));`,
  "microtasks that beget two":
    "const beget = () => { queueMicrotask(beget); queueMicrotask(beget); }; beget();",
  "timers": "while (true) setTimeout(() => {}, 1_000_000);",
};
const TOO_MUCH =
  /^The function was stopped: it used \d+ MiB of memory, the limit is 96 MiB \(memoryMb\)$/;

const scripts: Attempts = Object.fromEntries(
  Object.entries(BOMBS).map(([name, code]) => [
    name,
    async (arena: Arena) => assertRefused(await arena.run(code), "LIMIT_MEMORY", TOO_MUCH),
  ]),
);

async function invokeLibrary(arena: Arena): Promise<void> {
  const source = `
    export async function bomb() { ${BOMBS["ArrayBuffers"]} }
    export const fine = async () => "fine";`;
  await arena.deploy("bomb", source, { memoryMb: 64 });
  assertRefused(
    await arena.invoke("bomb", "bomb"),
    "LIMIT_MEMORY",
    /the limit is 64 MiB \(memoryMb\)$/,
  );
  assertEquals((await arena.invoke("bomb", "fine")).body, "fine");
}

securitySuite(
  "memory bombs",
  { ...scripts, "in a library with a limit of its own": invokeLibrary },
  {
    limits: { executionTimeoutMs: 10_000, invocationTimeoutMs: 10_000 },
  },
);
