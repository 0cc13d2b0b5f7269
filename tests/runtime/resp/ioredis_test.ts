/**
 * A client library that people use: it sees a Redis with some more commands.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Redis } from "ioredis";
import { startRuntime } from "../../support/start_runtime.ts";

/** Connects; disposing waits for the end of the connection. */
function connect(port: number): Redis & AsyncDisposable {
  const redis = new Redis(port, "127.0.0.1", { retryStrategy: () => null });
  return Object.assign(redis, {
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => redis.once("end", resolve));
      await redis.quit();
      await ended;
    },
  });
}

Deno.test("pipelines, transactions and commands of ours go together", async () => {
  await using runtime = await startRuntime();
  await using redis = connect(runtime.resp.port);
  const pipeline = redis.pipeline();
  for (let i = 0; i < 5_000; i++) pipeline.set(`k:${i}`, `v${i}`);
  for (let i = 0; i < 5_000; i++) pipeline.get(`k:${i}`);
  const replies = await pipeline.exec();
  assertEquals(
    replies?.slice(5_000).map(([, value]) => value),
    Array.from(
      { length: 5_000 },
      (_value, i) => `v${i}`,
    ),
  );
  const [counted, , value] = await Promise.all([
    redis.call("RG.TSEXECUTE", "GB('KeysOnlyReader').count().run('k:*')"),
    redis.set("k:0", "new"),
    redis.get("k:0"),
  ]);
  assertEquals(counted, [["5000"], []]);
  assertEquals(value, "new");
  const results = await redis.multi().incr("n").incr("n").exec();
  assertEquals(results?.map(([, reply]) => reply), [1, 2]);
  await assertRejects(
    () => redis.call("RG.GETRESULTS", "x"),
    Error,
    "execution plan does not exist",
  );
});

Deno.test("publish and subscribe", async () => {
  await using runtime = await startRuntime();
  await using subscriber = connect(runtime.resp.port);
  await using publisher = connect(runtime.resp.port);
  await subscriber.subscribe("news");
  const message = new Promise((resolve) => subscriber.once("message", (...args) => resolve(args)));
  await publisher.publish("news", "hello");
  assertEquals(await message, ["news", "hello"]);
  await subscriber.unsubscribe();
  assertEquals(await subscriber.call("RG.DUMPEXECUTIONS"), []);
});
