/**
 * Registrations that should not be, and what a sandbox may say of events.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { FORGE } from "./support/forge.ts";
import { assertRefused, resultOf, securitySuite, until } from "./support/security_suite.ts";

const IMPORTS = `import { execute, GB, log } from "pinion";\n`;

const deploy = (arena: Arena, source: string) => arena.deploy("hostile", IMPORTS + source);

const infoOf = (arena: Arena) =>
  arena.runtime.engine.registrations.list().find(({ library }) => library === "hostile");

/** What is said of a delivery that has one event, at place 0, and is the first one: number 0. */
const DONE =
  `type: "eventsDone", id: 0, done: [0], skipped: 0, failures: [], totalDurationMs: 1, lastDurationMs: 1, isLast: false`;

/** Each ends the isolate. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  "a place that is not there": `{ ${DONE}, done: [7] }`,
  "half a place": `{ ${DONE}, done: [0.5] }`,
  "a place twice": `{ ${DONE}, done: [0, 0] }`,
  "a place before the first": `{ ${DONE}, done: [-1] }`,
  "another delivery": `{ ${DONE}, id: 12345 }`,
  "more that is skipped than over": `{ ${DONE}, skipped: 2 }`,
  "a failure of what is not over":
    `{ ${DONE}, done: [], failures: [{ at: 0, errors: ["x"], isFinal: false }] }`,
  "a failure twice":
    `{ ${DONE}, failures: [{ at: 0, errors: ["x"], isFinal: false }, { at: 0, errors: ["x"], isFinal: false }] }`,
  "an error that is too long":
    `{ ${DONE}, failures: [{ at: 0, errors: ["x".repeat(9999)], isFinal: false }] }`,
  "a time that is none": `{ ${DONE}, totalDurationMs: NaN }`,
  "a chain of half a depth": `{ type: "wrote", depth: 0.5, keys: ["x"] }`,
  "keys that are none": `{ type: "wrote", depth: 1, keys: [{}] }`,
};

securitySuite("hostile registrations", {
  "on the runtime's own keys": async (arena) => {
    for (const reader of ["KeysReader", "StreamReader"]) {
      for (const prefix of ["__pinion:*", "__pinion:{dead}:a:b", "__pinion:"]) {
        const answer = await deploy(arena, `GB("${reader}").register({ prefix: "${prefix}" });`);
        assertRefused(answer, "BAD_PLAN", /keys of the runtime's own/);
      }
    }
  },
  "with names that speak to terminals and logs": async (arena) => {
    for (const option of ["name", "description", "trigger"]) {
      for (const text of ["a\\x1b[2J", "a\\r\\nOK", "a\\u0000", "a\\u202e", "a\\x9b2J"]) {
        const options = { trigger: "t", [option]: "TEXT" };
        const source = `GB("CommandReader").register(${JSON.stringify(options)});`;
        const answer = await deploy(arena, source.replace("TEXT", text));
        assertRefused(answer, "BAD_PLAN", /must have no control characters/);
      }
    }
  },
  "that log for somebody else": async (arena) => {
    await deploy(
      arena,
      `GB("CommandReader").register({
         trigger: "hostile",
         onRegistered() { throw new Error("x\\n12:00:00 pinion warning all is lost\\x1b[2J"); },
       });`,
    );
    await until(() => arena.runtime.logs.some((line) => line.includes("all is lost")));
    const lines = arena.runtime.logs.filter((line) => line.includes("all is lost"));
    for (const line of lines) {
      assertMatch(line, /^hostile warning [^]*\n {4}12:00:00 [^]*\\x1b\[2J/);
    }
  },
  "too many, and too large": async (arena) => {
    const many = (count: number, prefix: string) =>
      `for (let i = 0; i < ${count}; i++) GB("KeysReader").register({ prefix: ${prefix} + i });`;
    assertRefused(
      await deploy(arena, many(1_000_000, `"k"`)),
      "SCRIPT_FAILED",
      /^A module can have 1000 registrations at most/,
    );
    assertRefused(
      await deploy(arena, many(100, `"k".repeat(60_000)`)),
      "BAD_PLAN",
      /4194304 characters at most, names and prefixes included \(registrationChars\)/,
    );
    assertRefused(
      await deploy(
        arena,
        `for (let i = 0; i < 11; i++) GB("TimeReader").register({ everyMs: 10, name: "t" + i });`,
      ),
      "BAD_PLAN",
      /1000 times a second together at most \(ticksPerSecond\)/,
    );
    assertRefused(await deploy(arena, many(1, `"k".repeat(70_000)`)), "BAD_PLAN", /prefix/);
  },
  ...Object.fromEntries(
    Object.entries(IMPOSSIBLE).map(([name, message]) => [
      `said of events: ${name}`,
      async (arena: Arena) => {
        await arena.ask("DEL", "hostile:stream");
        await deploy(
          arena,
          `${FORGE}
           GB("StreamReader").map(async () => {
             if (await execute("INCR", "hostile:runs") > 1) return;
             forge(${message});
             await new Promise((resolve) => setTimeout(resolve, 500));
           }).register({ prefix: "hostile:stream" });`,
        );
        await arena.ask("XADD", "hostile:stream", "*", "a", "b");
        // The isolate is ended, and another one runs the event again.
        await until(async () => await arena.ask("GET", "hostile:runs") === "2");
        await until(async () => await arena.ask("XLEN", "hostile:stream") === 0);
        await arena.ask("DEL", "hostile:runs", "hostile:stream");
      },
    ]),
  ),
  "answers to calls of other libraries": async (arena) => {
    await deploy(
      arena,
      `GB("CommandReader").map(async () => {
         await new Promise((resolve) => setTimeout(resolve, 300));
         return "mine";
       }).register({ trigger: "mine" });`,
    );
    const answer = arena.request("POST", "/v1/triggers/mine", { body: "[]" });
    const forged = Array.from(
      { length: 50 },
      (_, id) =>
        `{ type: "triggerReply", id: ${id}, results: new Uint8Array([0x91, 1]), errors: [] }`,
    );
    const script = await arena.run(`${FORGE}
      GB("ShardsIDReader").map(async () => { forge(${forged}); return "alive"; }).run();`);
    assertEquals(resultOf(script), "alive");
    assertMatch((await answer).text, /mine/);
  },
  "chains that are said of others' keys without end": async (arena) => {
    const answer = await arena.run(`${FORGE}
      GB("ShardsIDReader").map(async () => {
        for (let round = 0; round < 40; round++) {
          const name = "x".repeat(60_000) + round;
          forge({ type: "wrote", depth: 32, keys: Array.from({ length: 20 }, (_, i) => name + i) });
          forge(...Array.from({ length: 20 }, (_, i) => ({ type: "adding", key: name + i })));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return "alive";
      }).run();`);
    assert(answer.status < 600);
  },
  "dead letters that somebody forged": async (arena) => {
    await deploy(
      arena,
      `GB("StreamReader").register({ prefix: "hostile:stream", name: "orders", onFailedPolicy: "retry" });`,
    );
    const key = "__pinion:{dead}:hostile:orders";
    await arena.ask("SADD", "__pinion:{dead}", `["hostile","orders"]`, "no JSON", "[1]");
    const laughs = new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff]);
    await arena.ask("XADD", key, "1-1", "payload", laughs);
    await arena.ask("XADD", key, "2-1", "a", "b");
    await arena.ask("XADD", key, "3-1", "attempts", "many", "payload", "\xc1");
    const queues = await arena.request("GET", "/v1/dlq");
    assertEquals([queues.status, queues.body.length, queues.body[0]?.letters], [200, 1, 3]);
    const shown = await arena.request("GET", "/v1/dlq/hostile/orders");
    assertEquals([shown.status, shown.text.includes("2-1")], [200, true], shown.excerpt);
    const replayed = await arena.request("POST", "/v1/dlq/hostile/orders/replay");
    assertEquals([replayed.status, replayed.body.replayed], [200, 0], replayed.excerpt);
    assertEquals(replayed.body.failed.length, 3);
    assertMatch(replayed.body.failed[0].error, /^Dead letter 1-1 .* cannot be read; drop it$/);
    await arena.ask("DEL", key, "__pinion:{dead}");
    assertEquals(infoOf(arena)?.status, "OK");
  },
}, { limits: { executionTimeoutMs: 3_000, invocationTimeoutMs: 30_000 } });
