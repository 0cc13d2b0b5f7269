/**
 * Memory outside of the heap of the engine is taken.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { explode, MEMORY_BOMB_OPTIONS } from "./support/memory_bombs.ts";
import { assertRefused, securitySuite } from "./support/security_suite.ts";

const BOMBS = {
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
};

async function invokeLibrary(arena: Arena): Promise<void> {
  const source = `
    export async function bomb() { ${BOMBS.ArrayBuffers} }
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
  "buffer bombs",
  { ...explode(BOMBS), "in a library with a limit of its own": invokeLibrary },
  MEMORY_BOMB_OPTIONS,
);
