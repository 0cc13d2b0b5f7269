/**
 * kill -9 of the runtime while events are given up: between a dead letter and its acknowledgement an
 * event may be given up twice, never not at all.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ManagedServer } from "../../../../servers/managed_server.ts";
import { connectRedis } from "../../../cli/redis_client.ts";
import { startRuntime } from "../../../cli/runtime_process.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { numbers } from "../sources/streams/stream_calls.ts";

const MESSAGES = 3_000;
const LETTERS = "__pinion:{dead}:lib:poison";
const SOURCE = `import { GB } from "pinion";
  GB("StreamReader").forEach((r) => {
    if (Number(r.value.n) % 2 === 0) throw new Error("poison " + r.value.n);
  }).register({
    prefix: "s", name: "poison", onFailedPolicy: "retry", attempts: 1, deadLetters: 10_000,
  });`;

Deno.test("what is given up while the runtime is killed is a dead letter", async () => {
  await using redis = await ManagedServer.start();
  await using client = connectRedis(redis.url);
  const args = ["--redis", redis.url];
  let runtime = await startRuntime(args);
  try {
    await Promise.all(numbers(MESSAGES).map((n) => client.call("XADD", "s", "*", "n", n)));
    const ids = (await client.call("XRANGE", "s", "-", "+") as [string, string[]][])
      .filter(([, [, n]]) => Number(n) % 2 === 0).map(([id]) => id);
    const deployed = await fetch(`${runtime.url}/v1/libraries/lib`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source: SOURCE }),
    });
    assertEquals(deployed.status, 201, await deployed.text());
    for (const count of [200, 600, 1_000]) {
      await waitUntil(async () => await client.call("XLEN", LETTERS) as number >= count, 30_000);
      await runtime.stop("SIGKILL");
      runtime = await startRuntime(args);
    }
    await waitUntil(async () => await client.call("XLEN", "s") === 0, 30_000);
    const letters = await client.call("XRANGE", LETTERS, "-", "+") as [string, string[]][];
    const events = letters.map(([, fields]) => fields[fields.indexOf("event") + 1]);
    assertEquals([...new Set(events)].sort(), ids.sort());
    console.log(`    ${events.length - ids.length} were given up twice`);
    assert(events.length - ids.length < MESSAGES / 10);
  } finally {
    await runtime.stop();
  }
});
