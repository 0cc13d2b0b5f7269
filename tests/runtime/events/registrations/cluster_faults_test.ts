/**
 * Registrations that run over all shards while a runtime of the cluster is killed.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ask, ManagedCluster } from "../../../../servers/managed_cluster.ts";
import { keySlot, SLOT_COUNT } from "../../../../redis/slots.ts";
import { PinionError } from "../../../../errors.ts";
import { startRuntime } from "../../../cli/runtime_process.ts";
import { startRuntimeBeside, untilWhole } from "../../../support/start_cluster.ts";
import { waitUntil } from "../../../support/wait_until.ts";

const SHARDS = 3;
const MESSAGES = 300;

/** A key with this prefix that a shard owns. */
function keyOf(shard: number, prefix: string): string {
  for (let number = 0;; number++) {
    const key = `${prefix}${number}`;
    if (Math.floor(keySlot(key) * SHARDS / SLOT_COUNT) === shard) return key;
  }
}

Deno.test("a kill -9 of a runtime loses no message, and triggers go on after it", async () => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await ManagedCluster.start({ shards: SHARDS, nodeTimeoutMs: 60_000 }));
  const servers = redis.masters.map(({ server }) => server);
  const logs: string[] = [];
  const first = stack.use(await startRuntimeBeside(servers[0].url, logs));
  const second = stack.use(await startRuntimeBeside(servers[1].url, logs));
  const victim = stack.use(await startRuntime(["--redis", servers[2].url]));
  await untilWhole([first, second]);
  for (const { engine } of [first, second]) engine.config.set("ExecutionMaxIdleTime", "2000");
  // The set is on the shard whose runtime is killed, so every execution needs that one.
  const seen = keyOf(2, "seen:");
  await first.engine.runScript(
    `GB("StreamReader").repartition(() => "${seen}")
      .forEach(({ value }) => execute("SADD", "${seen}", value.n))
      .register({ prefix: "source:*", batch: 10, duration: 20 });
     GB("CommandReader").count().register({ trigger: "shards" });`,
    { id: "faults" },
  );
  const add = async (shard: number, from: number, to: number) => {
    const key = keyOf(shard, "source:");
    for (let n = from; n < to; n++) {
      await ask(servers[shard], "XADD", key, "*", "n", `${shard}-${n}`);
    }
  };
  const addAll = (from: number, to: number) =>
    Promise.all(servers.map((_, shard) => add(shard, from, to)));
  const size = async () => Number(await ask(servers[2], "SCARD", seen));
  await addAll(0, MESSAGES / 2);
  await waitUntil(async () => await size() > 0, 20_000);
  await victim.stop("SIGKILL");
  await addAll(MESSAGES / 2, MESSAGES);
  const failure = await first.engine.trigger(["shards"]).then(
    ({ errors }) => errors[0],
    (error) => PinionError.from(error).message,
  );
  assertMatch(failure ?? "", new RegExp(redis.masters[2].id));
  const reborn = stack.use(await startRuntime(["--redis", servers[2].url]));
  assert(reborn.ready.mesh !== null);
  await untilWhole([first, second]);
  await waitUntil(async () => await size() === SHARDS * MESSAGES, 60_000);
  assertEquals((await first.engine.trigger(["shards"])).results, [SHARDS]);
});
