import { assert, assertEquals } from "@std/assert";
import { ask } from "../../../servers/managed_cluster.ts";
import { keySlot } from "../../../redis/slots.ts";
import { moveSlot } from "../../support/move_slot.ts";
import { startCluster, type TestCluster } from "../../support/start_cluster.ts";
import { waitUntil } from "../../support/wait_until.ts";

const KEYS = 50_000;

/** Keys of every type that a reader knows, on both shards. */
async function load(cluster: TestCluster): Promise<Set<string>> {
  const { engine } = cluster.shards[0];
  const outcome = await engine.runScript(
    `import { execute } from "pinion";
    await Promise.all(Array.from({ length: ${KEYS} }, (_, n) =>
      n % 50 === 0 ? execute("HSET", "key:" + n, "f", n)
      : n % 50 === 1 ? execute("RPUSH", "key:" + n, n)
      : execute("SET", "key:" + n, n)));`,
    {},
  );
  assertEquals(outcome.kind, "ok");
  return new Set(Array.from({ length: KEYS }, (_, n) => `key:${n}`));
}

/** Slots of keys that the first shard has, most of them not read by the time it is held up. */
function slotsToMove(count: number): number[] {
  const slots = new Set<number>();
  for (let n = 0; slots.size < count; n++) {
    const slot = keySlot(`key:${n}`);
    if (slot < 8192) slots.add(slot);
  }
  return [...slots];
}

Deno.test("slots that move while their keys are read: every key is seen, and the run says so", async (t) => {
  await using cluster = await startCluster({ shards: 2 });
  const keys = await load(cluster);
  const [from, to] = cluster.redis.masters;
  const slots = slotsToMove(150);
  for (const reader of ["KeysReader", "KeysOnlyReader"]) {
    const read = reader === "KeysReader" ? "r.key" : "r";
    await t.step({
      name: reader,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        await cluster.ask(0, "DEL", "{06S}go");
        // The first shard's callbacks wait, so it reads no further; the second one reads to its end.
        const running = cluster.shards[0].engine.runScript(
          `import { execute, hashtag } from "pinion";
          let isHeld = true;
          GB("${reader}").map(async (r) => {
            while (isHeld && hashtag() === "${await tagOf(cluster, 0)}") {
              isHeld = await execute("EXISTS", "{06S}go") === 0;
              if (isHeld) await new Promise((resolve) => setTimeout(resolve, 10));
            }
            return ${read};
          }).run("key:*")`,
          {},
        );
        await waitUntil(async () => {
          const execution = cluster.shards[0].engine.listExecutions().at(-1);
          if (execution === undefined) return false;
          const { shards } = await cluster.shards[1].engine.getExecution(execution.executionId)
            .catch(() => ({ shards: [] }));
          return shards.some(({ status }) => status === "pending_termination");
        }, 20_000);
        for (const slot of slots) await moveSlot(slot, from, to);
        await cluster.ask(0, "SET", "{06S}go", 1);
        const outcome = await running;
        assert(outcome.kind === "done");
        const { results, errors } = outcome.outcome;
        const missing = [...keys.difference(new Set(results))];
        assertEquals(missing.length, 0, `missing ${missing.length}: ${missing.slice(0, 5)}`);
        assertEquals(errors.length, 1, errors.join("\n"));
        assert(errors[0].includes("SLOTSMOVED 150 slots moved"), errors[0]);
        for (const slot of slots) await moveSlot(slot, to, from);
        await waitUntil(() => cluster.shards[0].engine.clusterInfo().shards[0].maxHslot === 8191);
        // Without a move each key comes once, and nothing is said.
        const again = await cluster.run(`GB("${reader}").count().run("key:*")`);
        assertEquals(again, { ...again, results: [KEYS], errors: [] });
      },
    });
  }
});

async function tagOf(cluster: TestCluster, shard: number): Promise<string> {
  const outcome = await cluster.run(
    `import { hashtag } from "pinion"; GB("ShardsIDReader").map(() => hashtag()).run()`,
    { mode: "async_local" },
    shard,
  );
  return String(outcome.results[0]);
}

Deno.test("one key by its name is read where it is while its slot moves", async () => {
  await using cluster = await startCluster({ shards: 2 });
  const [from, to] = cluster.redis.masters;
  const slot = keySlot("a");
  const [source, target] = slot < 8192 ? [from, to] : [to, from];
  await ask(source.server, "SET", "a", "value");
  await ask(source.server, "HSET", "{a}hash", "f", "v");
  const read = async () => {
    for (const [key, value] of [["a", "value"], ["{a}hash", { f: "v" }], ["{a}none", null]]) {
      for (const shard of [0, 1]) {
        const { results, errors } = await cluster.run(
          `GB().map(({ key, value }) => ({ key, value })).run("${key}", { noScan: true })`,
          {},
          shard,
        );
        assertEquals([results, errors], [[{ key, value }], []]);
      }
    }
  };
  await read();
  await ask(target.server, "CLUSTER", "SETSLOT", slot, "IMPORTING", source.id);
  await ask(source.server, "CLUSTER", "SETSLOT", slot, "MIGRATING", target.id);
  await read();
  const { host, port } = target.server.address;
  await ask(source.server, "MIGRATE", host, port, "", 0, 5_000, "KEYS", "a", "{a}hash");
  // The slot is still the source's, which sends whoever asks for the keys to the target.
  await read();
  for (const node of [target, source]) {
    await ask(node.server, "CLUSTER", "SETSLOT", slot, "NODE", target.id);
  }
  // Whether the runtimes know of it already or not.
  await read();
});

Deno.test("slots that move back and forth all the while a run reads", async () => {
  await using cluster = await startCluster({ shards: 2 });
  const keys = await load(cluster);
  const [from, to] = cluster.redis.masters;
  const slots = slotsToMove(40);
  let isOver = false;
  const resharding = (async () => {
    for (let round = 0; !isOver; round++) {
      for (const slot of slots) {
        if (isOver && round % 2 === 0) break;
        await (round % 2 === 0 ? moveSlot(slot, from, to) : moveSlot(slot, to, from));
      }
    }
  })();
  try {
    for (let run = 0; run < 5; run++) {
      const { results, errors } = await cluster.run(
        `GB().map((r) => r.key).run("key:*")`,
        {},
        run % 2,
      );
      const missing = [...keys.difference(new Set(results))];
      assertEquals(missing.length, 0, `run ${run}: missing ${missing.slice(0, 5)}`);
      for (const error of errors) assert(error.includes("SLOTSMOVED"), error);
      if (results.length > KEYS) assert(errors.length > 0, "keys came twice and nobody said so");
    }
  } finally {
    isOver = true;
    await resharding;
  }
});
