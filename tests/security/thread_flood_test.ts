/**
 * Work for other threads than the worker's: without a bound it would take every processor.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { assertRefused, resultOf, securitySuite } from "./support/security_suite.ts";

securitySuite("floods of threads", {
  "key derivations": async (arena) => {
    const answer = await arena.run(`
      const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "PBKDF2", false, ["deriveBits"]);
      const how = { name: "PBKDF2", salt: new Uint8Array(16), iterations: 1e9, hash: "SHA-512" };
      await Promise.all(Array.from({ length: 64 }, () => crypto.subtle.deriveBits(how, key, 512)));`);
    assertRefused(answer, "LIMIT_TIME", /longer than 600 ms/);
  },
  "compilations of WebAssembly": async (arena) => {
    // A module without anything in it: its header.
    const answer = await arena.run(`
      const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
      while (true) {
        await Promise.all(Array.from({ length: 1_000 }, () => WebAssembly.compile(bytes)));
      }`);
    assertRefused(answer, "LIMIT_TIME", /longer than 600 ms/);
  },
  "none: cryptography works as ever": async (arena) => {
    const answer = await arena.evaluate(`
      const digests = await Promise.all(Array.from({ length: 20 }, (_, i) =>
        crypto.subtle.digest("SHA-256", new TextEncoder().encode(String(i)))));
      return new Uint8Array(digests[7]).toHex().slice(0, 16);`);
    assertEquals(resultOf(answer), "7902699be42c8a8e");
  },
});
