import { assert, assertEquals } from "@std/assert";
import { ask, ManagedCluster } from "../../../servers/managed_cluster.ts";
import { type RuntimeProcess, startRuntime } from "../../cli/runtime_process.ts";
import { waitUntil } from "../../support/wait_until.ts";

async function roleOf({ url }: RuntimeProcess): Promise<string> {
  const answer = await fetch(`${url}/healthz`);
  return (await answer.json()).role;
}

async function isReady({ url }: RuntimeProcess): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`);
  await answer.body?.cancel();
  return answer.status === 200;
}

Deno.test("a runtime that stands by takes over within 3 s of a kill -9, and serves", async () => {
  await using redis = await ManagedCluster.start({ shards: 1 });
  const { url } = redis.masters[0].server;
  await using first = await startRuntime(["--redis", url]);
  await using second = await startRuntime(["--redis", url]);
  assertEquals([await roleOf(first), await roleOf(second)], ["acting", "standby"]);
  // Not just after a heartbeat, but at any moment.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
  await first.stop("SIGKILL");
  await waitUntil(() => isReady(second), 3_000);
  const answer = await fetch(`${second.url}/v1/run`, {
    method: "POST",
    body: "GB('ShardsIDReader').count().run()",
  });
  assertEquals((await answer.json()).results, [1]);
});

Deno.test("a runtime that was stopped and wakes up does not act beside the one that took over", async () => {
  await using redis = await ManagedCluster.start({ shards: 1 });
  const { server } = redis.masters[0];
  await using first = await startRuntime(["--redis", server.url]);
  await using second = await startRuntime(["--redis", server.url]);
  const running = fetch(`${first.url}/v1/run`, {
    method: "POST",
    body: `import { execute } from "pinion";
      GB("ShardsIDReader").map(async () => {
        while (true) {
          await execute("INCR", "beats");
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }).run()`,
  });
  const beats = async () => Number(await ask(server, "GET", "beats"));
  await waitUntil(async () => await beats() > 3);
  Deno.kill(first.ready.pid, "SIGSTOP");
  try {
    await waitUntil(() => isReady(second), 5_000);
  } finally {
    Deno.kill(first.ready.pid, "SIGCONT");
  }
  const answer = await running;
  assertEquals([answer.status, (await answer.json()).code], [503, "STANDBY"]);
  assertEquals(await roleOf(first), "standby");
  const last = await beats();
  const again = await fetch(`${first.url}/v1/run`, { method: "POST", body: "GB().run()" });
  assertEquals([again.status, (await again.json()).code], [503, "STANDBY"]);
  assertEquals(await beats(), last);
  assert(await isReady(second));
});
