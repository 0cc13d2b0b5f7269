import { assert, assertEquals } from "@std/assert";
import { ask } from "../../../servers/managed_cluster.ts";
import { startCluster, startRuntimeBeside, untilWhole } from "../../support/start_cluster.ts";
import { waitUntil } from "../../support/wait_until.ts";

const KEYS = 6_000;
const LOAD = `import { execute } from "pinion";
  await Promise.all(Array.from({ length: ${KEYS} }, (_, n) => execute("SET", "key:" + n, n)));`;

Deno.test("a master that dies in the middle of a run: the run ends, the next one is whole", async () => {
  await using cluster = await startCluster({ shards: 3, replicas: 1 });
  const [first] = cluster.shards;
  assertEquals((await first.engine.runScript(LOAD, {})).kind, "ok");
  for (const replica of cluster.redis.nodes.slice(3)) {
    // What the replica has not got is lost with its master.
    await waitUntil(async () => {
      const master = cluster.redis.nodes[replica.shard];
      const [own, its] = await Promise.all([
        cluster.ask(master.shard, "DBSIZE"),
        ask(replica.server, "DBSIZE"),
      ]);
      return own === its;
    });
  }
  const running = first.engine.runScript(
    `GB().map(async (r) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return r.key;
    }).run("key:*", { window: 100 })`,
    {},
  ).then(() => null, (error) => error as Error);
  await waitUntil(() => first.engine.listExecutions().some(({ status }) => status === "running"));
  const dead = cluster.redis.masters[1];
  dead.server.kill("SIGKILL");
  await running; // however it ends, it ends
  for (const { engine } of cluster.shards) {
    await waitUntil(() => !engine.clusterInfo().shards.some(({ id }) => id === dead.id), 20_000);
  }
  await untilWhole(cluster.shards);
  for (const { engine } of cluster.shards) {
    await waitUntil(async () => {
      const { redis, role } = await engine.health();
      return redis === "up" && role === "acting";
    });
    assertEquals(engine.listExecutions().filter(({ status }) => status === "running"), []);
  }
  const { results, errors } = await cluster.run(`GB().count().run("key:*")`);
  assertEquals([results, errors], [[KEYS], []]);
});

Deno.test("a runtime beside the replica takes over where master and runtime die together", async () => {
  await using cluster = await startCluster({ shards: 3, replicas: 1 });
  const replica = cluster.redis.nodes[3];
  await using second = await startRuntimeBeside(replica.server.url);
  assertEquals((await second.engine.health()).role, "standby");
  assertEquals((await cluster.shards[1].engine.runScript(LOAD, {})).kind, "ok");
  const [dead] = cluster.redis.masters;
  await Promise.all([
    cluster.shards[0][Symbol.asyncDispose](),
    Promise.resolve(dead.server.kill("SIGKILL")),
  ]);
  await waitUntil(async () => {
    const { redis, role } = await second.engine.health();
    return redis === "up" && role === "acting";
  }, 20_000);
  assertEquals(second.engine.clusterInfo().myId, replica.id);
  await untilWhole([second, ...cluster.shards.slice(1)]);
  const outcome = await cluster.shards[1].engine.runScript(`GB("ShardsIDReader").run()`, {});
  assert(outcome.kind === "done");
  assertEquals(
    outcome.outcome.results.toSorted(),
    [replica, ...cluster.redis.masters.slice(1)].map(({ id }) => id).toSorted(),
  );
});
