/**
 * Results, replies and errors without end, and such that are small only while they are encoded.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import {
  assertRefused,
  type Attempts,
  errorOf,
  resultOf,
  securitySuite,
} from "./support/security_suite.ts";

const TOO_LARGE = /^The execution was stopped: its results are larger than 1048576 bytes/;

/** What a step gives for the one record. */
const RECORDS = {
  "a long text": `"x".repeat(5_000_000)`,
  "many empty objects": "Array(600_000).fill({})",
  "many errors": "Array(100_000).fill(new Error())",
  "a bigint that takes long to write": "2n ** 8_000_000n",
};

const records: Attempts = Object.fromEntries(
  Object.entries(RECORDS).map(([name, value]) => [
    name,
    async (arena: Arena) =>
      assertRefused(await arena.evaluate(`return ${value};`), "LIMIT_RESULT", TOO_LARGE),
  ]),
);

securitySuite("floods of results", {
  ...records,
  "records without end": async (arena) => {
    const answer = await arena.run(
      `GB("GeneratorReader").run(function* () { for (let i = 0; ; i++) yield { i, text: "text" }; });`,
    );
    assertRefused(answer, "LIMIT_RESULT", TOO_LARGE);
  },
  "errors without end": async (arena) => {
    const answer = await arena.run(
      `GB("GeneratorReader").map(() => { throw new Error("x".repeat(10_000)); })
         .run(function* () { for (let i = 0; i < 3_000; i++) yield i; });`,
    );
    assertMatch(answer.body.errors.at(-1), /^… and 29\d\d more errors$/);
    assert(answer.text.length < 700_000, `an answer of ${answer.text.length} characters`);
  },
  "a value within itself": async (arena) => {
    const answer = await arena.evaluate("const all = []; all.push(all); return all;");
    assertMatch(errorOf(answer), /^Cannot send a result: it contains itself/);
  },
  "a value that nests too deep": async (arena) => {
    const answer = await arena.evaluate(
      "let deep = []; for (let i = 0; i < 100_000; i++) deep = [deep]; return deep;",
    );
    assertMatch(errorOf(answer), /nests too deep/);
    const nested = await arena.evaluate(
      "let deep = []; for (let i = 0; i < 500; i++) deep = [deep]; return deep;",
    );
    assertEquals(JSON.stringify(resultOf(nested)).length, 1_002);
  },
  "replies of a library": async (arena) => {
    await arena.deploy(
      "large",
      `export const large = async () => "x".repeat(5_000_000);
       export default { fetch: () => new Response("x".repeat(5_000_000)) };`,
    );
    const tooLarge = /^The function's reply has 50000\d\d bytes, the limit is 1048576 bytes/;
    assertRefused(await arena.invoke("large", "large"), "LIMIT_RESULT", tooLarge);
    assertRefused(await arena.request("GET", "/fn/large/"), "LIMIT_RESULT", tooLarge);
  },
}, {
  limits: {
    executionTimeoutMs: 5_000,
    invocationTimeoutMs: 5_000,
    memoryMb: 256,
    resultBytes: 1024 * 1024,
  },
});
