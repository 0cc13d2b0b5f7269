/**
 * Messages that the sandbox never sends: what is impossible ends the isolate, what names others'
 * work reaches nobody.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { FORGE } from "./support/forge.ts";
import {
  assertRefused,
  type Attempts,
  resultOf,
  securitySuite,
  until,
} from "./support/security_suite.ts";

const BROKEN = /^The isolate was stopped: its code broke the sandbox it runs in$/;
const FIGURES =
  "{ recordsRead: 1, readDurationMs: 1, results: 1, errors: 0, forwardedCommands: 0, steps: [] }";

/** Ten references to the same value, eight times over: some bytes that stand for gigabytes. */
const LAUGHS = `(() => {
  const bytes = [0x98];
  for (let level = 1; level <= 8; level++) {
    push.call(bytes, 0xd6, 0x69, 0, 0, 0, level, 0x9a);
    for (let i = 0; i < 10; i++) {
      if (level === 1) push.call(bytes, 0xa1, 0x78);
      else push.call(bytes, 0xd6, 0x70, 0, 0, 0, level - 1);
    }
  }
  return new Uint8Array(bytes);
})()`;

/** Each ends the isolate. ID is the execution of the script itself. */
const IMPOSSIBLE = {
  "of no type": `{ type: "launch" }`,
  "that is no object": "42",
  "with a field more": `{ type: "loaded", exports: [], isAdmin: true }`,
  "with a code of the runtime's":
    `{ type: "failed", id: 0, error: { code: "INTERNAL", message: "x" } }`,
  "with a code out of Object":
    `{ type: "failed", id: 0, error: { code: "toString", message: "x" } }`,
  "with a body that is none": `{ type: "reply", id: 0, body: "text" }`,
  "with a status that is none":
    `{ type: "fetchReply", id: 0, status: 1e9, statusText: "", headers: [], body: null }`,
  "with figures that are none":
    `{ type: "progress", executionId: ID, figures: { recordsRead: NaN } }`,
  "with a text that is too long": `{ type: "log", level: "notice", message: "x".repeat(10_000) }`,
  "with results that are no bytes": `{ type: "results", executionId: ID, records: "x" }`,
  "with results that cannot be decoded":
    `{ type: "results", executionId: ID, records: new Uint8Array([0xc1]) }`,
  "with results that refer to each other":
    `{ type: "results", executionId: ID, records: ${LAUGHS} }`,
  "in great numbers": `...Array(5_000).fill({ type: "log", level: "notice", message: "x" })`,
  "of great weight":
    `{ type: "done", executionId: ID, figures: ${FIGURES}, errors: Array(300_000).fill([]) }`,
};

function script(messages: string): string {
  return `${FORGE}
    GB("ShardsIDReader").map(async () => {
      const ID = "ID";
      forge(${messages});
      await new Promise((resolve) => setTimeout(resolve, 100));
      return "alive";
    }).run();`;
}

/** Executions have numbers that can be guessed. */
async function nextExecution(arena: Arena): Promise<string> {
  const { executionId } = (await arena.evaluate("return 1;")).body;
  const [shard, number] = executionId.split("-");
  return `${shard}-${Number(number) + 1}`;
}

const impossible: Attempts = Object.fromEntries(
  Object.entries(IMPOSSIBLE).map(([name, message]) => [`a message ${name}`, async (arena) => {
    const source = script(message).replace(`"ID"`, JSON.stringify(await nextExecution(arena)));
    assertRefused(await arena.run(source), "ISOLATE_DIED", BROKEN);
  }]),
);

securitySuite("forged messages", {
  ...impossible,
  "messages about another session's execution": async (arena) => {
    const victim = await nextExecution(arena);
    const waiting = arena.evaluate(
      "await new Promise((resolve) => setTimeout(resolve, 300)); return 'mine';",
    );
    await until(() =>
      arena.runtime.engine.executions.list().some(({ executionId }) => executionId === victim)
    );
    const records = "new Uint8Array([0x91, 0xa6, 115, 116, 111, 108, 101, 110])";
    const answer = await arena.run(script(
      `{ type: "results", executionId: "${victim}", records: ${records} },
       { type: "done", executionId: "${victim}", figures: ${FIGURES}, errors: ["stolen"] }`,
    ));
    assertEquals(resultOf(answer), "alive");
    const mine = await waiting;
    assertEquals([mine.body.executionId, mine.body.results], [victim, ["mine"]]);
  },
  "replies to another library's invocations": async (arena) => {
    const replies =
      `Array.from({ length: 500 }, (_, id) => ({ type: "reply", id, body: new Uint8Array([57]) }))`;
    assertEquals(resultOf(await arena.run(script(`...${replies}`))), "alive");
  },
  "a module that is loaded twice, with other exports": async (arena) => {
    await arena.deploy(
      "twice",
      `import { log } from "pinion";
       ${FORGE}
       export async function load() { forge({ type: "loaded", exports: [{ name: "more", kind: "function" }] }); }`,
    );
    await arena.invoke("twice", "load");
    assertMatch((await arena.invoke("twice", "more")).body.code, /^NO_EXPORT$/);
  },
  "registrations after the module is loaded, and ones that have no place": async (arena) => {
    const plan = "{}";
    for (const number of [0, 5]) {
      const message = `{ type: "register", registration: ${number}, plan: ${plan} }`;
      assertRefused(await arena.run(script(message)), "ISOLATE_DIED", BROKEN);
    }
    assertEquals(arena.runtime.engine.registrations.list(), []);
  },
  "a plan that is none": async (arena) => {
    const answer = await arena.run(
      script(`{ type: "run", run: 99, isNested: true, plan: { version: 1, reader: "files" } }`),
    );
    assertEquals(resultOf(answer), "alive");
  },
});
