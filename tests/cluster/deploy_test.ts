import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PinionError } from "../../errors.ts";
import type { DeployRequest, Engine } from "../../runtime/engine/engine.ts";
import { startCluster, startRuntimeBeside, type TestCluster } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

function request(source: string, options: Partial<DeployRequest> = {}): DeployRequest {
  return { name: "lib", source, manifest: { env: {}, allowNet: [], secrets: [] }, ...options };
}

async function invoke(engine: Engine, exportName: string): Promise<unknown> {
  const reply = await engine.invoke("lib", exportName, new Uint8Array());
  return JSON.parse(new TextDecoder().decode(reply));
}

/** What `version()` of the library answers on each shard. */
function versions({ shards }: TestCluster): Promise<unknown[]> {
  return Promise.all(shards.map(({ engine }) => invoke(engine, "version")));
}

const VERSION = (n: number) => `export const version = async () => ${n};`;

Deno.test("libraries of a cluster", async (t) => {
  await using cluster = await startCluster();
  const [first, second, third] = cluster.shards.map(({ engine }) => engine);
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, sanitizeOps: false, sanitizeResources: false, fn });

  await step("a deploy is there on every shard when it is answered", async () => {
    assertEquals((await first.deploy(request(VERSION(1)))).version, 1);
    assertEquals(await versions(cluster), [1, 1, 1]);
    assertEquals(third.listLibraries().map(({ name, version }) => [name, version]), [["lib", 1]]);
    const error = await assertRejects(() => second.deploy(request(VERSION(2))), PinionError);
    assertEquals(error.code, "SESSION_EXISTS");
  });

  await step("any shard upgrades it, on all of them", async () => {
    assertEquals((await second.deploy(request(VERSION(2), { upgrade: true }))).version, 2);
    assertEquals(await versions(cluster), [2, 2, 2]);
  });

  await step("an exported builder runs on all shards", async () => {
    const source = `import { GearsBuilder } from "pinion";
      export const ids = new GearsBuilder("ShardsIDReader").repartition((id) => id).count();
      ${VERSION(3)}`;
    await third.deploy(request(source, { upgrade: true }));
    for (const engine of [first, third]) {
      const { results, errors } = await invoke(engine, "ids") as Record<string, unknown>;
      assertEquals([results, errors], [[3], []]);
      await waitUntil(() => first.listExecutions().length === 0);
    }
    const many = await Promise.all(Array.from({ length: 20 }, () => invoke(second, "ids")));
    assertEquals(many.map((one) => (one as { results: unknown }).results), Array(20).fill([3]));
  });

  await step("a shard that cannot load it leaves every shard as it was, and is named", async () => {
    const source = `import { hashtag } from "pinion";
      if (hashtag() !== "06S") throw new Error("not here");
      ${VERSION(4)}`;
    for (const options of [{ upgrade: true }, { upgrade: true, dryRun: true }]) {
      const error = await assertRejects(() => first.deploy(request(source, options)), PinionError);
      assertEquals(error.code, "SCRIPT_FAILED");
      assertMatch(error.message, /^Nothing was deployed: shard [0-9a-f]{40}: Error: not here/);
      assertEquals(await versions(cluster), [3, 3, 3]);
    }
    for (const { engine } of cluster.shards) {
      await waitUntil(() => engine.listSessions().length === 1);
    }
  });

  await step("deploys of one library at the same time come one after the other", async () => {
    const deploys = [first, second, third, first].map((engine, n) =>
      engine.deploy(request(VERSION(10 + n), { upgrade: true }))
    );
    const numbers = (await Promise.all(deploys)).map(({ version }) => version);
    assertEquals(numbers.toSorted((a, b) => a - b), [4, 5, 6, 7]);
    const [one, ...others] = await versions(cluster);
    assertEquals(others, [one, one]);
    assertEquals(one, 10 + numbers.indexOf(7));
    assertEquals(
      new Set(cluster.shards.map(({ engine }) => engine.listLibraries()[0].hash)).size,
      1,
    );
  });

  await step("a shard that was down catches up", async () => {
    await cluster.shards[2][Symbol.asyncDispose]();
    await waitUntil(async () => {
      try {
        await first.deploy(request(VERSION(20), { upgrade: true }));
        return true;
      } catch {
        return false; // the others still take it for linked
      }
    }, 15_000);
    const back = await startRuntimeBeside(cluster.redis.masters[2].server.url);
    try {
      assertEquals(await invoke(back.engine, "version"), 20);
      await second.rollback("lib");
      await waitUntil(async () => await invoke(first, "version") !== 20);
    } finally {
      await back[Symbol.asyncDispose]();
    }
  });

  await step("a rollback and an undeploy are of all shards", async () => {
    await first.deploy(request(VERSION(30), { upgrade: true }));
    await second.deploy(request(VERSION(31), { upgrade: true }));
    await second.rollback("lib");
    assertEquals([await invoke(first, "version"), await invoke(second, "version")], [30, 30]);
    await first.undeploy("lib");
    assertEquals([first.listLibraries(), second.listLibraries()], [[], []]);
  });
});
