import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ask } from "../../servers/managed_cluster.ts";
import { type ClusterPlace, startClusterPlace } from "../support/cluster_place.ts";
import { waitUntil } from "../support/wait_until.ts";

async function register(place: ClusterPlace, id: string, source: string): Promise<void> {
  const outcome = await place.engine.runScript(source, { id });
  assertEquals(outcome.kind, "registered");
}

Deno.test("events of keys in a cluster", async (t) => {
  await using place = await startClusterPlace({ shards: 3 });
  const all = () => place.cluster.shards.flatMap(({ engine }) => engine.listRegistrations());

  await t.step("each shard runs the events of its own keys, each once", async () => {
    await register(
      place,
      "count",
      `GB("KeysReader").forEach(() => execute("INCR", "count:{" + hashtag() + "}"))
        .register({ prefix: "k:*", eventTypes: ["set"], mode: "async_local" })`,
    );
    await place.pipeline(Array.from({ length: 3_000 }, (_, index) => ["SET", `k:${index}`, "v"]));
    await waitUntil(() => all().reduce((sum, { numSuccess }) => sum + numSuccess, 0) >= 3_000);
    assertEquals(all().reduce((sum, { numSuccess }) => sum + numSuccess, 0), 3_000);
    assert(all().every(({ numSuccess }) => numSuccess > 800));
    const counters = await Promise.all(
      place.cluster.redis.masters.map((_, master) => place.cluster.ask(master, "KEYS", "count:*")),
    );
    assertEquals(counters.map((keys) => (keys as string[]).length), [1, 1, 1]);
  });

  await t.step("a chain over keys of two shards ends", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `loop:${index}`);
    const a = names[0];
    const b = names.find((key) => place.ownerOf(key) !== place.ownerOf(a))!;
    await register(
      place,
      "loop",
      `GB("KeysReader").map(async (r) => {
         await execute("INCR", r.key === "${a}" ? "${b}" : "${a}");
       }).register({ prefix: "loop:*", mode: "async_local", name: "ping-pong" })`,
    );
    await place.ask("SET", a, "0");
    await waitUntil(() => all().some(({ lastError }) => lastError?.startsWith("LOOP")), 10_000);
    assertEquals([await place.ask("GET", a), await place.ask("GET", b)], ["16", "16"]);
  });
});

Deno.test("a failover: events of the new master's keys are taken, the gap is shown", async () => {
  await using place = await startClusterPlace({ shards: 3, replicas: 1 });
  await register(
    place,
    "keys",
    `GB("KeysReader").forEach((r) => execute("INCR", "seen:{" + r.key + "}"))
      .register({ prefix: "k:*", eventTypes: ["set"], mode: "async_local" })`,
  );
  const { redis, shards: [{ engine }] } = place.cluster;
  const key = Array.from({ length: 100 }, (_, index) => `k:${index}`)
    .find((name) => place.ownerOf(name) === 0)!;
  await place.ask("SET", key, "v");
  await waitUntil(async () => await place.ask("GET", `seen:{${key}}`) === "1");
  const replica = redis.nodes[3];
  await waitUntil(async () =>
    await ask(replica.server, "DBSIZE") === await place.cluster.ask(0, "DBSIZE")
  );
  redis.masters[0].server.kill("SIGKILL");
  await waitUntil(async () => {
    const { redis: state, role } = await engine.health();
    return state === "up" && role === "acting" && engine.clusterInfo().myId === replica.id;
  }, 20_000);
  await waitUntil(async () => {
    await ask(replica.server, "SET", key, "v");
    return Number(await ask(replica.server, "GET", `seen:{${key}}`)) > 1;
  }, 20_000);
  assertStringIncludes(engine.listRegistrations()[0].source, "may be lost");
});
