import { assert, assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { ask } from "../../servers/managed_cluster.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import type { Shard } from "../../runtime/shard.ts";
import { type ClusterPlace, startClusterPlace } from "../support/cluster_place.ts";
import { startRuntimeBeside, untilWhole } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Streams of which each shard has some. */
const STREAMS = Array.from({ length: 12 }, (_, n) => `s:${n}`);
/** Counts messages by their stream; `onRegistered` counts itself on its shard. */
const COUNT = (n = 1) =>
  `const { length } = "version ${n}";
   GB("StreamReader").forEach((r) => execute("INCR", "count:" + r.key)).register({
     prefix: "s:*",
     mode: "async_local",
     onRegistered: () => execute("INCR", "registered:{" + hashtag() + "}"),
   });`;

async function registerOn(engine: Engine, id: string, options = {}, n = 1): Promise<void> {
  const outcome = await engine.runScript(COUNT(n), { id, ...options });
  assertEquals(outcome.kind, "registered");
}

const statuses = (shards: readonly Shard[]) =>
  shards.map(({ engine }) => engine.listRegistrations().map(({ status }) => status).join());
const ids = (shards: readonly Shard[]) =>
  shards.map(({ engine }) => engine.listRegistrations().map(({ id }) => id).join());

/** How often `onRegistered` was called on each shard. */
async function calls(place: ClusterPlace): Promise<number[]> {
  const counts = await Promise.all(place.cluster.redis.masters.map(async ({ server }) => {
    const keys = await ask(server, "KEYS", "registered:*") as string[];
    return keys.length === 0 ? 0 : Number(await ask(server, "GET", keys[0]));
  }));
  return counts;
}

async function addEverywhere(place: ClusterPlace): Promise<void> {
  await place.pipeline(STREAMS.map((key) => ["XADD", key, "*", "n", 1]));
}

async function untilCounted(place: ClusterPlace, each: number): Promise<void> {
  let counts: unknown;
  await waitUntil(async () => {
    counts = await place.pipeline(STREAMS.map((key) => ["GET", `count:${key}`]));
    return (counts as unknown[]).every((count) => count === `${each}`);
  }, 15_000).catch(() => {
    throw new Error(`Expected ${each} of each, got ${counts}`);
  });
}

Deno.test("registrations of a cluster", async (t) => {
  await using place = await startClusterPlace();
  const { cluster } = place;
  const shards = [...cluster.shards];
  const [first, second, third] = shards.map(({ engine }) => engine);
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, sanitizeOps: false, sanitizeResources: false, fn });

  await step(
    "what is registered on one shard fires on all; onRegistered once on each",
    async () => {
      await registerOn(second, "mine");
      assertEquals(await calls(place), [1, 1, 1]);
      const [id, ...others] = ids(shards);
      assertEquals(others, [id, id]);
      assert(id.startsWith(cluster.redis.masters[1].id));
      await addEverywhere(place);
      await untilCounted(place, 1);
      const triggered = shards.map(({ engine }) => engine.listRegistrations()[0].numTriggered);
      assert(triggered.every((count) => count > 0), `${triggered}`);
      await assertRejects(() => registerOn(third, "mine"), PinionError, "already exists");
    },
  );

  await step("an upgrade from another shard keeps id and cursors", async () => {
    const before = ids(shards);
    await registerOn(third, "mine", { upgrade: true }, 2);
    assertEquals(ids(shards), before);
    assertEquals(await calls(place), [2, 2, 2]);
    await addEverywhere(place);
    await untilCounted(place, 2);
  });

  await step("upgrades from several shards at the same time leave one version", async () => {
    const before = ids(shards);
    const upgrades = shards.map(({ engine }, n) =>
      registerOn(engine, "mine", { upgrade: true }, 10 + n)
    );
    assertEquals((await Promise.allSettled(upgrades)).map(({ status }) => status), [
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
    assertEquals(ids(shards), before);
    await addEverywhere(place);
    await untilCounted(place, 3);
    const [one, ...others] = await calls(place);
    assertEquals(others, [one, one]);
    assertEquals(one, 5);
  });

  await step(
    "one that is replaced and upgraded at the same time is never there twice",
    async () => {
      for (let round = 0; round < 3; round++) {
        const name = first.listRegistrations()[0].library;
        const next = `next${round}`;
        const settled = await Promise.allSettled([
          registerOn(first, next, { replaceWith: name }, 20 + round),
          registerOn(second, name, { upgrade: true }, 30 + round),
          third.undeploy(next),
        ]);
        const owners = shards.map(({ engine }) =>
          engine.listSessions().filter(({ dead }) => !dead)
            .map(({ id, registrations }) => `${id} ${registrations}`).sort().join()
        );
        assertEquals(owners, [owners[0], owners[0], owners[0]], JSON.stringify(settled));
        // None has lost what it registers to another one.
        const all = owners[0] === "" ? [] : owners[0].split(",").map((one) => one.split(" ")[1]);
        assert(all.every((id) => id !== ""), owners[0]);
        assertEquals(new Set(all).size, all.length);
        if (first.listRegistrations().length === 0) await registerOn(first, "mine");
      }
      const [{ library }] = first.listRegistrations();
      for (const { id } of first.listSessions()) {
        if (id !== library) await first.undeploy(id).catch(() => {});
      }
      if (library !== "mine") {
        await second.undeploy("mine").catch(() => {});
        await registerOn(first, "mine", { replaceWith: library });
      }
    },
  );

  await step("a pause, and its end, are of all shards, from any of them", async () => {
    const [{ id }] = first.listRegistrations();
    await third.pauseRegistrations([id], "pause");
    assertEquals(statuses(shards), ["PAUSED", "PAUSED", "PAUSED"]);
    await addEverywhere(place);
    await first.resumeRegistrations([id]);
    assertEquals(statuses(shards), ["OK", "OK", "OK"]);
    await untilCounted(place, 4);
    // What is under way stays counted.
    for (const { engine } of shards) {
      await waitUntil(() => {
        const [{ numTriggered, numSuccess }] = engine.listRegistrations();
        return numTriggered === numSuccess;
      });
    }
    await second.clearRegistrationStatistics();
    for (const { engine } of shards) {
      await waitUntil(() => engine.listRegistrations()[0].numTriggered === 0);
    }
  });

  await step("a shard that was away does what it missed", async () => {
    const [{ id }] = first.listRegistrations();
    const before = await calls(place);
    const more = (count: number) => before.map((one) => one + count).join();
    await shards[2][Symbol.asyncDispose]();
    await first.pauseRegistrations([id], "pause");
    await waitUntil(async () => {
      try {
        await registerOn(second, "mine", { upgrade: true }, 3);
        return true;
      } catch {
        return false; // the others still take it for linked
      }
    }, 15_000);
    await addEverywhere(place);
    shards[2] = await startRuntimeBeside(cluster.redis.masters[2].server.url);
    try {
      await untilWhole(shards);
      assertEquals(ids(shards), [id, id, id]);
      assertEquals(statuses(shards), ["PAUSED", "PAUSED", "PAUSED"]);
      await waitUntil(async () => (await calls(place)).join() === more(1), 10_000)
        .catch(async () => {
          throw new Error(`Expected ${more(1)}, got ${await calls(place)}`);
        });
      await shards[2].engine.resumeRegistrations([id]);
      await untilCounted(place, 5);
      await shards[2].engine.unregister(id, { abortPending: false });
      assertEquals(ids(shards), ["", "", ""]);
      for (const { engine } of shards) await waitUntil(() => engine.listSessions().length === 0);
      await registerOn(first, "mine");
      assert(!ids(shards).includes(id));
      assertEquals((await calls(place)).join(), more(2));
    } finally {
      await shards[2][Symbol.asyncDispose]();
    }
  });

  await step("a shard that cannot load it leaves every shard as it was", async () => {
    const before = ids(shards.slice(0, 2));
    const source = `import { GB, hashtag } from "pinion";
      GB("StreamReader").register({ prefix: "t:" + hashtag() });`;
    const manifest = { env: {}, allowNet: [], secrets: [] };
    await waitUntil(async () =>
      await first.deploy({ name: "lib", source, manifest }).then(
        () => false,
        ({ message }) => /in another way than when it was deployed/.test(message),
      ), 15_000);
    assertEquals(ids(shards.slice(0, 2)), before);
  });
});

Deno.test("registrations go on after a failover; onRegistered is not called again", async () => {
  await using place = await startClusterPlace({ shards: 3, replicas: 1 });
  const { redis, shards } = place.cluster;
  await registerOn(shards[0].engine, "mine");
  assertEquals(await calls(place), [1, 1, 1]);
  await addEverywhere(place);
  await untilCounted(place, 1);
  const [id] = ids(shards);
  const [dead] = redis.masters;
  const replica = redis.nodes[3];
  await waitUntil(async () => {
    const [own, its] = await Promise.all([
      ask(dead.server, "DBSIZE"),
      ask(replica.server, "DBSIZE"),
    ]);
    return own === its;
  });
  dead.server.kill("SIGKILL");
  const { engine } = shards[0];
  await waitUntil(async () => {
    const { redis, role } = await engine.health();
    return redis === "up" && role === "acting" && engine.clusterInfo().myId === replica.id;
  }, 20_000);
  assertEquals(engine.listRegistrations().map((one) => one.id), [id]);
  const key = STREAMS.find((stream) => place.ownerOf(stream) === 0)!;
  assert(key !== undefined);
  await waitUntil(async () => {
    await ask(replica.server, "XADD", key, "*", "n", 1);
    return engine.listRegistrations()[0].numSuccess > 1;
  }, 20_000);
  const keys = await ask(replica.server, "KEYS", "registered:*") as string[];
  assertEquals(await ask(replica.server, "GET", keys[0]), "1");
});

Deno.test("the runtime that takes over knows what was changed while it stood by", async () => {
  await using place = await startClusterPlace({ shards: 1 });
  const { redis, shards } = place.cluster;
  const [{ server }] = redis.masters;
  await registerOn(shards[0].engine, "old");
  await using second = await startRuntimeBeside(server.url);
  assertEquals((await second.engine.health()).role, "standby");
  assertEquals(
    second.engine.listRegistrations().map(({ reason }) => reason),
    ["this runtime does not act for its shard now"],
  );
  await registerOn(shards[0].engine, "new", { replaceWith: "old" });
  await addEverywhere(place);
  await untilCounted(place, 1);
  const [{ id }] = shards[0].engine.listRegistrations();
  await shards[0][Symbol.asyncDispose]();
  await waitUntil(async () => (await second.engine.health()).role === "acting", 10_000);
  await addEverywhere(place);
  await untilCounted(place, 2);
  const after = second.engine.listRegistrations().map((one) => [one.id, one.library]);
  assertEquals(after, [[id, "new"]]);
  assertEquals(await calls(place), [2]);
});
