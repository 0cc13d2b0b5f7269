import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { PinionError } from "../../errors.ts";
import { type ClusterPlace, startClusterPlace } from "../support/cluster_place.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Starts a script and gives the id of its execution. */
async function start(test: ClusterPlace, source: string): Promise<string> {
  const outcome = await test.engine.scripts.run(source, { unblocking: true });
  if (outcome.kind !== "started") throw new Error(`The script came to ${outcome.kind}`);
  return outcome.executionId;
}

/** A script that runs on every shard until the key `{tag}go` of that shard is there. */
const WAITING = `GB("ShardsIDReader").map(async (id) => {
  while (await execute("EXISTS", "{" + hashtag() + "}go") === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return id;
}).run()`;

const CASES: Readonly<Record<string, (test: ClusterPlace) => Promise<void>>> = {
  "results of all shards come back, the own first": async (test) => {
    const { myId, shards } = test.engine.cluster.info();
    const others = shards.map(({ id }) => id).filter((id) => id !== myId);
    assertEquals(await test.results(`GB("ShardsIDReader").run()`), [myId, ...others]);
  },

  "without collect there are only the own results": async (test) => {
    const { myId } = test.engine.cluster.info();
    assertEquals(await test.results(`GB("ShardsIDReader").run("*", { collect: false })`), [myId]);
  },

  "async_local runs on this shard only": async (test) => {
    const { myId } = test.engine.cluster.info();
    const local = `GB("ShardsIDReader").collect().run("*", { mode: "async_local" })`;
    assertEquals(await test.results(local), [myId]);
    const { results } = await test.run(`GB("ShardsIDReader").run()`, { mode: "async_local" });
    assertEquals(results, [myId]);
  },

  "the script itself gets the results of all shards": async (test) => {
    const { results } = await test.run(`
      const { results, errors } = await GB("ShardsIDReader")
        .map((id) => { if (id === shards[2]) throw new Error("no"); return id; }).run();
      log([results.length, errors.length].join());`.replace(
      "shards[2]",
      JSON.stringify(test.engine.cluster.info().shards[2].id),
    ));
    assertEquals(results.length, 2);
    assert(test.logs.some((line) => line.endsWith(" 2,1")), test.logs.join("\n"));
  },

  "closures hold what the top level read, which was done once": async (test) => {
    await test.ask("SET", "{06S}greeting", "hello");
    const lines = test.logs.length;
    const results = await test.results(`
      log("once");
      const [greeting, runs] = await Promise.all([
        execute("GET", "{06S}greeting"), execute("INCR", "{06S}runs"),
      ]);
      const seen = [greeting, runs, Date.now(), performance.now(), Math.random(), hashtag(),
        crypto.randomUUID(), configGet("nothing") ?? "unset"];
      const late = execute("GET", "{06S}greeting");
      await atomic((tx) => tx.execute("INCR", "{06S}atomic"));
      GB("ShardsIDReader").map(async () => [...seen, await late].join()).run();
      await execute("INCR", "{06S}after");`);
    assertEquals(results.length, 3);
    assertEquals(new Set(results).size, 1);
    assertMatch(String(results[0]), /^hello,1,\d+,[\d.]+,0\.\d+,06S,[0-9a-f-]{36},unset,hello$/);
    for (const key of ["runs", "atomic", "after"]) {
      assertEquals(await test.ask("GET", `{06S}${key}`), "1");
    }
    assertEquals(test.logs.slice(lines).filter((line) => line.endsWith(" once")).length, 1);
  },

  "what callbacks read is each shard's own": async (test) => {
    const results = await test.results(
      `GB("ShardsIDReader").map(() => [hashtag(), Math.random()].join()).distinct().count().run()`,
    );
    assertEquals(results, [3]);
  },

  "code that builds something else on another shard is refused, and names the shard": async (
    test,
  ) => {
    const { myId } = test.engine.cluster.info();
    const error = await assertRejects(() =>
      test.run(`const slow = new File([], "").lastModified;
        GB("ShardsIDReader").map(new Function("r", "return " + slow)).run()`), PinionError);
    assertEquals(error.code, "BAD_PLAN");
    assertMatch(error.message, /^Shard [0-9a-f]{40}: The code builds another pipeline/);
    assert(!error.message.includes(myId));
    assertEquals((await test.results(`GB("ShardsIDReader").run()`)).length, 3);
  },

  "what cannot be given again is refused": async (test) => {
    const error = await assertRejects(
      () =>
        test.run(
          `await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
        GB("ShardsIDReader").run();`,
        ),
      PinionError,
    );
    assertStringIncludes(error.message, "crypto.subtle.generateKey");
    assertStringIncludes(error.message, "async_local");
  },

  "a run inside of a callback says that it is on one shard only": async (test) => {
    const inner = (options: string) =>
      test.run(`GB("GeneratorReader").map(async () =>
        (await GB("ShardsIDReader").run("*", ${options})).results.length
      ).limit(1).run(() => [0], { mode: "async_local" })`);
    assertStringIncludes((await inner("{}")).errors[0], "Cannot run on all shards from inside");
    assertEquals((await inner(`{ mode: "async_local" }`)).results, [1]);
  },

  "records that cannot travel are one error of each shard that sends some": async (test) => {
    await test.pipeline(Array.from({ length: 300 }, (_, n) => ["SET", `k:${n}`, n]));
    const home = test.engine.cluster.info().shards[0];
    const { results, errors } = await test.run(`GB("KeysOnlyReader")
      .map((key) => ({ key, f() {} })).collect().count().run("k:*")`);
    const kept = Array.from({ length: 300 }, (_, n) => `k:${n}`)
      .filter((key) => test.ownerOf(key) === 0).length;
    assertEquals(home.minHslot, 0);
    assertEquals(results, [kept]);
    assertEquals(errors.length, 2);
    for (const error of errors) {
      assertMatch(
        error,
        /^Cannot send a record to another shard: it holds a function \(and \d+ more\)$/,
      );
    }
  },

  "errors of all shards come back": async (test) => {
    const { errors } = await test.run(
      `GB("ShardsIDReader").map((id) => { throw new Error(id); }).run()`,
    );
    assertEquals(
      errors.map((error) => error.slice("Error: ".length, 47)).sort(),
      test.engine.cluster.info().shards.map(({ id }) => id).sort(),
    );
  },

  "every shard knows an execution while it is kept, and shows its own part": async (test) => {
    const id = await start(test, `GB("KeysOnlyReader").map((k) => k).count().run("*")`);
    await test.engine.executions.waitForResults(id);
    const all = await test.engine.executions.get(id);
    assertEquals(all.shards.map((shard) => shard.status), ["done", "done", "done"]);
    assertEquals(new Set(all.shards.map((shard) => shard.shardId)).size, 3);
    assertEquals([all.shards[0].shardsReceived, all.shards[0].shardsCompleted], [2, 2]);
    assertEquals(
      all.shards[0].steps.map(({ type }) => type),
      all.shards[1].steps.map(({ type }) => type),
    );
    const own = await test.engine.executions.get(id, "shard");
    assertEquals(own.shards.map((shard) => shard.shardId), [all.shards[0].shardId]);
    const other = test.cluster.shards[1].engine;
    assertEquals(other.executions.list().map(({ executionId }) => executionId), [id]);
    assertEquals((await other.executions.get(id)).shards.length, 3);
    test.engine.executions.drop(id);
    await waitUntil(() => other.executions.list().length === 0);
    await assertRejects(() => other.executions.get(id), PinionError);
  },

  "a blocking script leaves nothing on any shard": async (test) => {
    await test.results(`GB("ShardsIDReader").count().run()`);
    for (const { engine } of test.cluster.shards) {
      await waitUntil(() => engine.executions.list().length === 0);
      await waitUntil(() => engine.scripts.listSessions().length === 0);
    }
  },

  "states go as the reference has them": async (test) => {
    const id = await start(test, WAITING);
    const status = async () =>
      (await test.engine.executions.get(id)).shards.map((one) => one.status);
    await waitUntil(async () => (await status()).join() === "running,running,running");
    for (const shard of [0, 1]) {
      await test.ask("SET", `{${(await tagOf(test, shard))}}go`, 1);
    }
    await waitUntil(async () =>
      (await status()).join() === "pending_cluster,pending_termination,running"
    );
    await test.ask("SET", `{${await tagOf(test, 2)}}go`, 1);
    assertEquals((await test.engine.executions.waitForResults(id)).results.length, 3);
    await waitUntil(async () => (await status()).join() === "done,done,done");
    test.engine.executions.drop(id);
  },

  "any shard aborts an execution, everywhere": async (test) => {
    for (const shard of [0, 1]) {
      const id = await start(test, WAITING);
      await waitUntil(async () =>
        (await test.engine.executions.get(id)).shards.every((one) => one.status === "running")
      );
      await test.cluster.shards[shard].engine.executions.abort(id);
      for (const { engine } of test.cluster.shards) {
        assertEquals(engine.executions.list().map(({ status }) => status), ["aborted"]);
        await waitUntil(() => engine.scripts.listSessions().length === 0);
      }
      test.engine.executions.drop(id);
      await waitUntil(() => test.cluster.shards[2].engine.executions.list().length === 0);
    }
    const { engine } = test.cluster.shards[1];
    await assertRejects(
      () => engine.executions.abort("x"),
      PinionError,
      "execution does not exist",
    );
  },

  "a caller that leaves ends it everywhere": async (test) => {
    const caller = new AbortController();
    const running = test.engine.scripts.run(WAITING, {}, caller.signal);
    await waitUntil(() => test.cluster.shards[2].engine.scripts.listSessions().length === 1);
    caller.abort();
    await assertRejects(() => running, PinionError);
    for (const { engine } of test.cluster.shards) {
      await waitUntil(() => engine.scripts.listSessions().length === 0);
      await waitUntil(() => engine.executions.list().every(({ status }) => status === "aborted"));
    }
  },

  "records are on the shard that owns their key after a repartition": async (test) => {
    await test.pipeline(Array.from({ length: 500 }, (_, n) => ["SET", `k:${n}`, n]));
    const id = await start(
      test,
      `GB("KeysOnlyReader")
      .flatMap((key) => ["copy:" + key, "{tag" + key + "}:a", "{tag" + key + "}:b"])
      .repartition((key) => key)
      .map(async (key) => await execute("SET", key, hashtag()))
      .count().run("k:*")`,
    );
    const { results, errors } = await test.engine.executions.waitForResults(id);
    assertEquals([results, errors], [[1_500], []]);
    const { shards } = await test.engine.executions.get(id);
    assertEquals(shards.map(({ forwardedCommands }) => forwardedCommands), [0, 0, 0]);
    test.engine.executions.drop(id);
    const tags = await Promise.all([0, 1, 2].map((shard) => tagOf(test, shard)));
    for (const key of ["copy:k:1", "copy:k:2", "{tagk:77}:a", "{tagk:77}:b", "{tagk:499}:b"]) {
      assertEquals(await test.ask("GET", key), tags[test.ownerOf(key)], key);
    }
  },

  "more than the memory limit to sort ends in an error that says so": async (test) => {
    const error = await assertRejects(
      () =>
        test.run(`GB("GeneratorReader").sort().limit(1).run(function* () {
        for (let n = 0; n < 3e6; n++) yield [n, "x".repeat(500) + n];
      })`),
      PinionError,
    );
    assertEquals(error.code, "LIMIT_MEMORY");
    assertMatch(error.message, /used \d+ MiB of memory, the limit is 256 MiB/);
    assertEquals((await test.results(`GB("ShardsIDReader").run()`)).length, 3);
  },
};

async function tagOf(test: ClusterPlace, shard: number): Promise<string> {
  const outcome = await test.cluster.run(
    `GB("ShardsIDReader").map(() => hashtag()).run("*", { mode: "async_local" })`,
    {},
    shard,
  );
  return String(outcome.results[0]);
}

Deno.test("distributed executions", async (t) => {
  await using test = await startClusterPlace({ runtime: { limits: { memoryMb: 256 } } });
  for (const [name, run] of Object.entries(CASES)) {
    await t.step({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await test.clear();
        await run(test);
      },
    });
  }
});
