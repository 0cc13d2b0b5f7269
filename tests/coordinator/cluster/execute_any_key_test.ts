import { assert, assertEquals } from "@std/assert";
import { keySlot } from "../../../redis/slots.ts";
import { moveSlot } from "../../support/move_slot.ts";
import { startCluster, type TestCluster } from "../../support/start_cluster.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Runs the body of a callback once, on the first shard. */
async function once(cluster: TestCluster, body: string): Promise<unknown> {
  const { results, errors } = await cluster.run(
    `import { atomic, execute } from "pinion";
    GB("ShardsIDReader").map(async () => { ${body} }).run()`,
    { mode: "async_local" },
  );
  assertEquals(errors, []);
  return results[0];
}

/** Commands that the last execution of the first shard has forwarded. */
async function lastForwarded(cluster: TestCluster): Promise<number> {
  const { engine } = cluster.shards[0];
  const { executionId } = engine.listExecutions().at(-1)!;
  return (await engine.getExecution(executionId)).shards[0].forwardedCommands;
}

Deno.test("execute() on any key of a cluster", async (t) => {
  await using cluster = await startCluster({ shards: 3 });
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });

  await step("keys of all shards are written where they belong, in one batch", async () => {
    const { executionId } = await unblocking(
      cluster,
      `const keys = Array.from({ length: 300 }, (_, index) => "key:" + index);
      await Promise.all(keys.map((key, index) => execute("SET", key, index)));
      return await Promise.all(keys.map((key) => execute("GET", key)));`,
    );
    const { results, errors } = await cluster.shards[0].engine.waitForResults(executionId);
    assertEquals([errors, results[0]], [[], Array.from({ length: 300 }, (_, n) => `${n}`)]);
    const counts = await Promise.all([0, 1, 2].map((master) => cluster.ask(master, "DBSIZE")));
    assert(counts.every((count) => Number(count) > 50), `${counts}`);
    const local = [...Array(300).keys()].filter((n) => keySlot(`key:${n}`) <= 5460).length;
    assertEquals(await lastForwarded(cluster), 2 * (300 - local));
  });

  await step("commands without a key, and own keys, stay here", async () => {
    const { executionId } = await unblocking(
      cluster,
      `return [await execute("PING"), await execute("SET", "{06S}x", 1), await execute("CLUSTER", "MYID")];`,
    );
    const { results } = await cluster.shards[0].engine.waitForResults(executionId);
    assertEquals(results[0], ["PONG", "OK", cluster.redis.masters[0].id]);
    assertEquals(await lastForwarded(cluster), 0);
  });

  await step("keys behind numbers and words are found", async () => {
    assertEquals(
      await once(
        cluster,
        `await execute("XADD", "stream", "1-1", "a", "b");
        return [
          await execute("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", 1, "far", "1"),
          await execute("XREAD", "STREAMS", "stream", "0"),
          await execute("OBJECT", "ENCODING", "far"),
        ];`,
      ),
      ["OK", [["stream", [["1-1", ["a", "b"]]]]], "int"],
    );
  });

  await step("CROSSSLOT says what to do", async () => {
    const { errors } = await cluster.run(
      `import { execute } from "pinion";
      GB("ShardsIDReader").map(() => execute("MSET", "a", 1, "b", 2)).run()`,
      { mode: "async_local" },
    );
    assertEquals(errors.length, 1);
    assert(/CROSSSLOT .*hash tag, such as \{user:1\}:name/.test(errors[0]), errors[0]);
  });

  await step("atomic goes to the shard of its keys, with watched ones too", async () => {
    for (const tag of ["a", "b", "c", "d"]) {
      assertEquals(
        await once(
          cluster,
          `const plain = await atomic((tx) => {
            tx.execute("SET", "{${tag}}n", 1);
            tx.execute("INCR", "{${tag}}n");
          });
          const watched = await atomic(["{${tag}}n"], async (tx) => {
            const n = Number(await execute("GET", "{${tag}}n"));
            tx.execute("SET", "{${tag}}n", n + 40);
            tx.execute("GET", "{${tag}}n");
          });
          return [plain, watched];`,
        ),
        [["OK", 2], ["OK", "42"]],
        tag,
      );
    }
  });

  await step("atomic over keys of several slots says what to do", async () => {
    const { errors } = await cluster.run(
      `import { atomic } from "pinion";
      GB("ShardsIDReader").map(() => atomic((tx) => {
        tx.execute("SET", "a", 1);
        tx.execute("MGET", "b", "c");
      })).run()`,
      { mode: "async_local" },
    );
    assert(/CROSSSLOT .*hash tag/.test(errors[0]), errors[0]);
  });

  await step("a slot that moves: MOVED and ASK are followed", async () => {
    const slot = keySlot("moving");
    const owner = slot <= 5460 ? 0 : slot <= 10922 ? 1 : 2;
    const [from, to] = [owner, (owner + 1) % 3].map((index) => cluster.redis.masters[index]);
    await once(cluster, `await execute("SET", "moving", 1); await execute("SET", "{moving}b", 1)`);
    // The slot is on its way: one of its keys is there, the other is not.
    const { host, port } = to.server.address;
    await cluster.ask(
      cluster.redis.masters.indexOf(to),
      "CLUSTER",
      "SETSLOT",
      slot,
      "IMPORTING",
      from.id,
    );
    await cluster.ask(owner, "CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
    await cluster.ask(owner, "MIGRATE", host, port, "moving", 0, 5_000);
    assertEquals(
      await once(
        cluster,
        `return [await execute("INCR", "moving"), await execute("INCR", "{moving}b"), await execute("SET", "{moving}c", 1)]`,
      ),
      [2, 2, "OK"],
    );
    // Keys on both sides: TRYAGAIN, until the slot has arrived.
    const both = once(cluster, `return await execute("MGET", "moving", "{moving}b")`);
    await moveSlot(slot, from, to);
    assertEquals(await both, ["2", "2"]);
    assertEquals(await once(cluster, `return await execute("INCR", "moving")`), 3);
    assertEquals(
      await once(cluster, `return await atomic((tx) => { tx.execute("INCR", "moving") })`),
      [4],
    );
  });

  await step("an isolate that lives on hears of slots that moved", async () => {
    const { engine } = cluster.shards[0];
    await engine.deploy({
      name: "lib",
      source: `import { execute } from "pinion";
        export const incr = (key) => execute("INCR", key);`,
      manifest: { env: {}, secrets: [], allowNet: [] } as never,
    });
    const incr = async () =>
      new TextDecoder().decode(
        await engine.invoke("lib", "incr", new TextEncoder().encode('"wanderer"')),
      );
    assertEquals(await incr(), "1");
    const slot = keySlot("wanderer");
    const owner = slot <= 5460 ? 0 : slot <= 10922 ? 1 : 2;
    const [from, to] = [owner, (owner + 2) % 3].map((index) => cluster.redis.masters[index]);
    await moveSlot(slot, from, to);
    assertEquals(await incr(), "2");
    await waitUntil(async () => {
      const { shards } = await engine.clusterStatus();
      const now = shards.find(({ id }) => id === to.id);
      return now!.ranges.some(({ first, last }) => first <= slot && slot <= last);
    });
    assertEquals(await incr(), "3");
  });
});

async function unblocking(cluster: TestCluster, body: string): Promise<{ executionId: string }> {
  const outcome = await cluster.shards[0].engine.runScript(
    `import { execute } from "pinion";
    GB("ShardsIDReader").map(async () => { ${body} }).run()`,
    { mode: "async_local", unblocking: true },
  );
  assert(outcome.kind === "started");
  return outcome;
}
