import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { keySlot } from "../../../redis/slots.ts";
import { moveSlot } from "../../support/move_slot.ts";
import { startCluster, startRuntimeBeside, untilWhole } from "../../support/start_cluster.ts";
import { waitUntil } from "../../support/wait_until.ts";

Deno.test("runtimes find each other, and each knows the whole topology", async () => {
  await using cluster = await startCluster();
  const infos = cluster.shards.map(({ engine }) => engine.clusterInfo());
  assertEquals(infos.map(({ clustered }) => clustered), [true, true, true]);
  assertEquals(infos.map(({ myId }) => myId), cluster.redis.masters.map(({ id }) => id));
  for (const { shards } of infos) {
    assertEquals(shards.map(({ minHslot, maxHslot }) => [minHslot, maxHslot]), [
      [0, 5460],
      [5461, 10922],
      [10923, 16383],
    ]);
    assertEquals(shards.map(({ runId }) => runId), infos.map(({ myRunId }) => myRunId));
    assertEquals(
      shards.map(({ ip, port }) => `redis://${ip}:${port}`),
      cluster.redis.masters.map(({ server }) => server.url),
    );
  }
});

Deno.test("hashtag() is a tag of the own shard", async () => {
  await using cluster = await startCluster({ shards: 2 });
  for (const [index, { engine }] of cluster.shards.entries()) {
    const outcome = await engine.runScript(
      "import { hashtag } from 'pinion'; GB('ShardsIDReader').map(() => hashtag()).run()",
      { mode: "async_local" },
    );
    assert(outcome.kind === "done");
    assertEquals(keySlot(`{${outcome.outcome.results[0]}}x`), [0, 8192][index]);
  }
});

Deno.test("a second runtime stands by, says who acts, and takes over when that one ends", async () => {
  await using cluster = await startCluster({ shards: 2 });
  const [first] = cluster.shards;
  await using second = await startRuntimeBeside(cluster.redis.masters[0].server.url);
  assertEquals([first, second].map(({ engine }) => engine.clusterInfo().myId), [
    cluster.redis.masters[0].id,
    cluster.redis.masters[0].id,
  ]);
  assertEquals((await second.engine.health()).role, "standby");
  const refused = await assertRejects(() => second.engine.runScript("GB().count().run()", {}));
  assert(refused instanceof Error);
  assertEquals((refused as { code?: string }).code, "STANDBY");
  assert(refused.message.includes(first.ready.http), refused.message);
  const ready = await fetch(`http://${second.ready.http}/readyz`);
  assertEquals([ready.status, (await ready.json()).code], [503, "STANDBY"]);
  const [{ runtimes }] = (await second.engine.clusterStatus()).shards;
  assertEquals(runtimes.map(({ role, http }) => [role, http]), [
    ["acting", first.ready.http],
    ["standby", second.ready.http],
  ]);
  const { epoch } = runtimes[0];
  await first[Symbol.asyncDispose]();
  await waitUntil(async () => (await second.engine.health()).role === "acting");
  const [after] = (await cluster.shards[1].engine.clusterStatus()).shards;
  assertEquals(after.runtimes.map(({ http }) => http), [second.ready.http]);
  assert(after.runtimes[0].epoch! > epoch!);
});

Deno.test("a runtime beside a replica belongs to the replica's shard", async () => {
  await using cluster = await startCluster({ shards: 2, replicas: 1 });
  const replica = cluster.redis.nodes[3];
  await using beside = await startRuntimeBeside(replica.server.url);
  assertEquals(beside.engine.clusterInfo().myId, cluster.redis.masters[1].id);
  assertEquals((await beside.engine.health()).role, "standby");
});

Deno.test("a failover: the runtime follows its shard to the new master", async () => {
  await using cluster = await startCluster({ shards: 3, replicas: 1 });
  const before = cluster.shards[0].engine.clusterInfo();
  cluster.redis.masters[0].server.kill("SIGKILL");
  const replica = cluster.redis.nodes[3];
  for (const { engine } of cluster.shards) {
    await waitUntil(() => engine.clusterInfo().shards[0].id === replica.id, 20_000);
  }
  await waitUntil(async () => (await cluster.shards[0].engine.health()).role === "acting", 10_000);
  const after = cluster.shards[0].engine.clusterInfo();
  assertEquals([after.myId, after.myRunId], [replica.id, before.myRunId]);
  assertNotEquals(after.myId, before.myId);
  await untilWhole(cluster.shards);
  await waitUntil(async () => (await cluster.shards[0].engine.health()).redis === "up");
  const { results } = await cluster.run(
    `import { execute, hashtag } from "pinion";
    GB("ShardsIDReader").map(() => execute("SET", "{" + hashtag() + "}x", 1)).run()`,
    { mode: "async_local" },
  );
  assertEquals(results, ["OK"]);
});

Deno.test("RG.REFRESHCLUSTER knows of a slot that has just moved", async () => {
  await using cluster = await startCluster({ shards: 2 });
  const [from, to] = cluster.redis.masters;
  await moveSlot(0, from, to);
  await waitUntil(async () => {
    await Promise.all(cluster.shards.map(({ engine }) => engine.refreshCluster()));
    return cluster.shards.every(({ engine }) => engine.clusterInfo().shards[0].id === to.id);
  });
  for (const { engine } of cluster.shards) {
    const { shards } = await engine.clusterStatus();
    assertEquals(shards.map(({ id, ranges }) => [id, ranges]), [
      [to.id, [{ first: 0, last: 0 }, { first: 8192, last: 16383 }]],
      [from.id, [{ first: 1, last: 8191 }]],
    ]);
  }
  // Both go on acting, though the records of both are elsewhere now.
  await untilWhole(cluster.shards);
  for (const { engine } of cluster.shards) assertEquals((await engine.health()).role, "acting");
});
