/**
 * A mesh with certificates, as `start --config` opens it.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { ManagedCluster } from "../../servers/managed_cluster.ts";
import { ClusterStatus } from "../../contract/api/cluster_status.ts";
import { type RuntimeProcess, startRuntime } from "../cli/runtime_process.ts";
import { type Authority, createAuthority } from "../coordinator/mesh/certificate_authority.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Starts a runtime whose certificate and whose idea of who signs them is this authority's. */
async function startMember(
  folder: string,
  redis: string,
  authority: Authority,
): Promise<RuntimeProcess> {
  const name = `${folder}/${crypto.randomUUID()}`;
  const { certificate, key } = await authority.issue();
  await Deno.writeTextFile(`${name}.certificate`, certificate);
  await Deno.writeTextFile(`${name}.key`, key, { mode: 0o600 });
  await Deno.writeTextFile(`${name}.authority`, authority.certificate);
  const meshTls = {
    certificate: `${name}.certificate`,
    key: `${name}.key`,
    authorities: [`${name}.authority`],
  };
  await Deno.writeTextFile(name, JSON.stringify({ redis, meshTls, advertise: "127.0.0.1" }));
  return await startRuntime(["--config", name]);
}

async function readStatus({ url }: RuntimeProcess): Promise<ClusterStatus> {
  const answer = await fetch(`${url}/v1/cluster`);
  return ClusterStatus.parse(await answer.json());
}

/** Counts records that crossed the mesh; what it came to. */
async function count({ url }: RuntimeProcess): Promise<{ results: unknown[]; errors: string[] }> {
  const answer = await fetch(`${url}/v1/run`, {
    method: "POST",
    body: `GB("GeneratorReader").repartition((n) => n).countBy(() => 1).map(({ value }) => value)
      .run(() => Array.from({ length: 1_000 }, (_, n) => n))`,
  });
  return await answer.json();
}

async function untilLinked(runtime: RuntimeProcess): Promise<void> {
  await waitUntil(async () => {
    const { myId, shards } = await readStatus(runtime);
    const links = shards.find(({ id }) => id === myId)?.links ?? [];
    return links.filter(({ isLinked }) => isLinked).length === shards.length - 1;
  }, 15_000);
}

Deno.test("a mesh with certificates carries runs; one of another authority is no member", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const [authority, foreign] = [await createAuthority(), await createAuthority()];
  const redis = await ManagedCluster.start({ shards: 2 });
  stack.defer(() => redis.stop());
  const [one, two] = redis.masters;
  await using first = await startMember(folder, one.server.url, authority);
  {
    await using second = await startMember(folder, two.server.url, authority);
    await untilLinked(first);
    const { results, errors } = await count(first);
    assertEquals([results, errors], [[2_000], []]);
    const { shards } = await readStatus(second);
    for (const { runtimes } of shards) {
      assertMatch(runtimes[0].mesh!, /^https:\/\/127\.0\.0\.1:\d+$/);
    }
  }
  let said = "";
  {
    await using stranger = await startMember(folder, two.server.url, foreign);
    for (const runtime of [first, stranger]) {
      const { results, errors } = await count(runtime);
      const other = runtime === first ? two : one;
      assertEquals([results, errors.length], [[], 1]);
      assertMatch(errors[0], new RegExp(`No runtime of the shard ${other.id} could be reached`));
    }
    said = (await stranger.stop()).stderr;
  }
  await using again = await startMember(folder, two.server.url, authority);
  await untilLinked(again);
  assertEquals((await count(again)).results, [2_000]);
  // The one that dials says why it does not link.
  said += (await first.stop()).stderr;
  assertMatch(said, /Cannot link to shard \w+ at https:\/\/127\.0\.0\.1:\d+: .*certificate/);
});
