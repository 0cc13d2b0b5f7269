import { assert, assertEquals } from "@std/assert";
import { Cluster } from "ioredis";
import { keySlot } from "../../redis/slots.ts";
import { moveSlot } from "../support/move_slot.ts";
import { startCluster } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

const STREAMS = Array.from({ length: 9 }, (_, n) => `s:${n}`);
const SOURCE = `
GB("StreamReader").forEach(async (r) => {
  if (r.value.n === "bad" && await execute("EXISTS", "mended") === 0) throw new Error("bad");
  await execute("SADD", "seen", r.key + " " + r.value.n);
}).register({
  prefix: "s:*", mode: "async_local", name: "all", trimStream: false,
  onFailedPolicy: "retry", retryIntervalMs: 1, attempts: 2,
});`;
const DEADLINE_MS = 20_000;

Deno.test("streams of a cluster: dead letters and replays of all shards, a slot that moves", async (t) => {
  await using cluster = await startCluster();
  const [first, second] = cluster.shards.map(({ engine }) => engine);
  const { host, port } = cluster.redis.masters[0].server.address;
  const redis = new Cluster([{ host, port }]);
  const seen = async () => new Set(await redis.smembers("seen"));
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, sanitizeOps: false, sanitizeResources: false, fn });
  const queue = { library: "mine", registration: "all" };
  try {
    await first.scripts.run(SOURCE, { id: "mine" });

    await step("each shard buries what it gives up, and any shard digs it out", async () => {
      await Promise.all(STREAMS.map((key) => redis.xadd(key, "*", "n", "bad")));
      await waitUntil(async () => (await second.deadLetters.list())[0]?.letters === 9, DEADLINE_MS);
      const letters = await second.deadLetters.read(queue);
      assertEquals(new Set(letters.map(({ key }) => key)), new Set(STREAMS));
      assertEquals(new Set(letters.map(({ shardId }) => shardId)).size, 3);
      await redis.set("mended", 1);
      assertEquals(await second.deadLetters.replay(queue), { replayed: 9, failed: [] });
      assertEquals(await seen(), new Set(STREAMS.map((key) => `${key} bad`)));
      assertEquals(await first.deadLetters.list(), []);
    });

    await step("a replay is one of all shards", async () => {
      await redis.del("seen");
      const [{ id }] = first.registrations.list();
      await second.registrations.replay(id, "0-0");
      await waitUntil(async () => (await seen()).size === 9, DEADLINE_MS);
    });

    await step("a stream whose slot moves goes on where it goes", async () => {
      const [from, to] = cluster.redis.masters;
      const key = STREAMS.find((key) => keySlot(key) <= 5_460)!;
      const numbers = Array.from({ length: 2_000 }, (_, n) => `${n}`);
      let added = 0;
      const adding = (async () => {
        for (const n of numbers) {
          await redis.xadd(key, "*", "n", n);
          added++;
        }
      })();
      await waitUntil(() => added > 500, DEADLINE_MS);
      await moveSlot(keySlot(key), from, to);
      await adding;
      await waitUntil(async () => {
        const all = await seen();
        return numbers.every((n) => all.has(`${key} ${n}`));
      }, DEADLINE_MS);
      const [there] = second.registrations.list();
      assert(there.numSuccess > 0);
    });
  } finally {
    redis.disconnect();
  }
});
