/**
 * Registrations on a cluster of three shards: calls that go to the key's shard, events that run over
 * all shards, the clock on one shard or on all.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PinionError } from "../../../../errors.ts";
import type { RegistrationInfo } from "../../../../contract/api/registration_info.ts";
import { type ClusterPlace, startClusterPlace } from "../../../support/cluster_place.ts";
import { waitUntil } from "../../../support/wait_until.ts";

/** Registers on the first shard. */
async function register(test: ClusterPlace, id: string, source: string): Promise<void> {
  const outcome = await test.engine.runScript(source, { id });
  assertEquals(outcome.kind, "registered");
}

/** Ends the registrations of a library, everywhere. */
async function unregister(test: ClusterPlace, library: string): Promise<void> {
  for (const { id } of ofLibrary(test, 0, library)) {
    await test.engine.unregister(id, { abortPending: true });
  }
}

function ofLibrary(test: ClusterPlace, shard: number, library: string): RegistrationInfo[] {
  return test.cluster.shards[shard].engine.listRegistrations()
    .filter((info) => info.library === library);
}

/** A key with this prefix that a shard owns. */
function keyOf(test: ClusterPlace, shard: number, prefix: string): string {
  for (let number = 0;; number++) {
    const key = `${prefix}${number}`;
    if (test.ownerOf(key) === shard) return key;
  }
}

const SHARDS = [0, 1, 2];

const CASES: Readonly<Record<string, (test: ClusterPlace) => Promise<void>>> = {
  "a call runs on the shard it came to, or on the one that owns its key": async (test) => {
    await register(
      test,
      "local",
      `GB("CommandReader").map(() => hashtag())
        .register({ trigger: "where", mode: "async_local" });`,
    );
    const tags: unknown[] = [];
    for (const shard of SHARDS) {
      const { engine } = test.cluster.shards[shard];
      tags.push((await engine.trigger(["where"])).results[0]);
    }
    assertEquals(new Set(tags).size, 3);
    for (const from of SHARDS) {
      for (const owner of SHARDS) {
        const { engine } = test.cluster.shards[from];
        const { results } = await engine.triggerOnKey(["where", keyOf(test, owner, "key:")]);
        assertEquals(results, [tags[owner]]);
      }
    }
    const error = await assertRejects(
      () => test.engine.triggerOnKey(["none", keyOf(test, 2, "key:")]),
      PinionError,
    );
    assertEquals(error.code, "NO_TRIGGER");
    await unregister(test, "local");
  },

  "an async call is a record on every shard": async (test) => {
    await register(
      test,
      "async",
      `GB("CommandReader").count().register({ trigger: "count" });
       GB("CommandReader").map(([name, arg]) => name + arg + hashtag())
         .register({ trigger: "each" });
       GB("CommandReader").map(() => { throw new Error("everywhere"); })
         .register({ trigger: "fails" });`,
    );
    assertEquals((await test.engine.trigger(["count", "x"])).results, [3]);
    const { results } = await test.engine.trigger(["each", "-"]);
    assertEquals(new Set(results).size, 3);
    assert(results.every((text) => String(text).startsWith("each-")), results.join());
    const { errors } = await test.engine.trigger(["fails"]);
    assertEquals(errors.length, 3);
    assertMatch(errors[0], /everywhere/);
    assertEquals(test.engine.listExecutions(), []);
    const [count] = ofLibrary(test, 0, "async");
    assertEquals([count.numTriggered, count.numSuccess], [1, 1]);
    await unregister(test, "async");
  },

  "a set of all keys, kept where the set is": async (test) => {
    await register(
      test,
      "keys",
      `GB("KeysReader").filter(({ key, event }) => key !== "all")
        .repartition(() => "all")
        .forEach(({ key, event }) => execute(event === "del" ? "SREM" : "SADD", "all", key))
        .register({ prefix: "member:*", readValue: false, eventTypes: ["set", "del"] });`,
    );
    const keys = Array.from({ length: 300 }, (_, number) => `member:${number}`);
    await test.pipeline(keys.map((key) => ["SET", key, "1"]));
    const size = () => test.ask("SCARD", "all");
    await waitUntil(async () => await size() === 300, 15_000);
    await test.pipeline(keys.slice(0, 100).map((key) => ["DEL", key]));
    await waitUntil(async () => await size() === 200, 15_000);
    const infos = () => SHARDS.map((shard) => ofLibrary(test, shard, "keys")[0]);
    await waitUntil(() => infos().reduce((sum, { numSuccess }) => sum + numSuccess, 0) === 400);
    assertEquals(infos().map(({ numFailures }) => numFailures), [0, 0, 0]);
    const listed = test.engine.listExecutions();
    assert(listed.length > 0);
    for (const { executionId, registered } of listed) {
      assertEquals(registered, true);
      const { shards } = await test.engine.getExecution(executionId);
      for (const { forwardedCommands } of shards) assertEquals(forwardedCommands, 0);
    }
    await unregister(test, "keys");
  },

  "who hears its own writes does not seem to loop where others write all the time": async (
    test,
  ) => {
    await register(
      test,
      "own",
      `GB("KeysReader").filter(({ key }) => key !== "own:{all}")
        .repartition(() => "own:{all}")
        .forEach(({ key }) => execute("SADD", "own:{all}", key))
        .register({ prefix: "own:*", readValue: false, eventTypes: ["set", "sadd"] });`,
    );
    let written = 0;
    let size = 0;
    // Each change of the set is another execution at least, and clients write meanwhile.
    for (let executions = 0; executions < 120;) {
      await test.pipeline(Array.from({ length: 30 }, () => ["SET", `own:{all}:${written++}`, "1"]));
      const now = Number(await test.ask("SCARD", "own:{all}"));
      if (now !== size) executions++;
      size = now;
    }
    await waitUntil(async () => await test.ask("SCARD", "own:{all}") === written, 30_000);
    const infos = SHARDS.map((shard) => ofLibrary(test, shard, "own")[0]);
    assertEquals(infos.map(({ numFailures }) => numFailures), [0, 0, 0]);
    await unregister(test, "own");
  },

  "messages of streams are counted over all shards": async (test) => {
    await register(
      test,
      "streams",
      `GB("StreamReader").countBy(({ value }) => value.word)
        .forEach(({ key, value }) => execute("HINCRBY", "{counts}" + key, "n", value))
        .register({ prefix: "words:*", batch: 25, duration: 50 });`,
    );
    const commands: string[][] = [];
    for (const shard of SHARDS) {
      const key = keyOf(test, shard, "words:");
      for (let number = 0; number < 100; number++) {
        commands.push(["XADD", key, "*", "word", ["a", "b", "c"][number % 3]]);
      }
    }
    await test.pipeline(commands);
    const count = async (word: string) => Number(await test.ask("HGET", `{counts}${word}`, "n"));
    await waitUntil(
      async () => await count("a") + await count("b") + await count("c") === 300,
      20_000,
    );
    assertEquals([await count("a"), await count("b"), await count("c")], [102, 99, 99]);
    await unregister(test, "streams");
  },

  "a clock that is on one shard fires there only, one on all on each": async (test) => {
    await register(
      test,
      "clock",
      `GB("TimeReader").forEach(() => execute("INCR", "{" + hashtag() + "}one"))
        .register({ everyMs: 50, mode: "async_local" });
       GB("TimeReader").forEach(() => execute("INCR", "{" + hashtag() + "}all"))
        .register({ everyMs: 50, on: "all", mode: "async_local" });`,
    );
    const triggered = (place: number) =>
      SHARDS.map((shard) => ofLibrary(test, shard, "clock")[place].numTriggered);
    await waitUntil(() => triggered(1).every((count) => count > 2));
    await waitUntil(() => triggered(0).some((count) => count > 2));
    assertEquals(triggered(0).filter((count) => count > 0).length, 1);
    await unregister(test, "clock");
  },

  "an id fires once within its window, also where executions run over all shards": async (test) => {
    const source = keyOf(test, 0, "once:");
    await register(
      test,
      "once",
      `GB("StreamReader").repartition(() => "${keyOf(test, 1, "n:")}")
        .forEach(({ value }) => execute("INCR", "${keyOf(test, 1, "n:")}"))
        .register({
          prefix: "${source}", batch: 5, duration: 20,
          dedupe: { id: ({ value }) => value.id, windowMs: 60000 },
        });`,
    );
    for (const id of ["a", "b", "a", "c", "b"]) await test.ask("XADD", source, "*", "id", id);
    const pending = async () => {
      const [group] = await test.cluster.ask(0, "XINFO", "GROUPS", source) as unknown[][];
      if (group === undefined) return null;
      const field = (name: string) => group[group.indexOf(name) + 1];
      return `${field("pending")} ${field("lag")}`;
    };
    await waitUntil(async () => await pending() === "0 0", 10_000);
    assertEquals(await test.ask("GET", keyOf(test, 1, "n:")), "3");
    await unregister(test, "once");
  },

  "an error on another shard fails the event, and is told": async (test) => {
    await register(
      test,
      "errors",
      `GB("StreamReader").repartition(({ value }) => value.to)
        .map(({ value }) => { if (value.to === "${
        keyOf(test, 2, "to:")
      }") throw new Error("there"); })
        .register({ prefix: "${keyOf(test, 0, "source:")}" });`,
    );
    const [source, to] = [keyOf(test, 0, "source:"), keyOf(test, 2, "to:")];
    await test.ask("XADD", source, "*", "to", to);
    await waitUntil(() => ofLibrary(test, 0, "errors")[0].numFailures === 1, 10_000);
    assertMatch(ofLibrary(test, 0, "errors")[0].lastError ?? "", /there/);
    await test.ask("XADD", source, "*", "to", keyOf(test, 1, "to:"));
    await waitUntil(() => ofLibrary(test, 0, "errors")[0].numSuccess === 1, 10_000);
    await unregister(test, "errors");
  },
};

Deno.test("registrations on a cluster", async (context) => {
  await using test = await startClusterPlace({ shards: 3 });
  for (const [name, run] of Object.entries(CASES)) await context.step(name, () => run(test));
});
