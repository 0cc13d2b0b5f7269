import { assert, assertEquals, assertMatch } from "@std/assert";
import { connectRedis } from "../../cli/redis_client.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { waitUntil } from "../../support/wait_until.ts";

const SOURCE = `import { execute, GB } from "pinion";
GB("StreamReader").forEach(async (r) => {
  if (await execute("SISMEMBER", "bad", r.value.n)) throw new Error("bad " + r.value.n);
  await execute("RPUSH", "seen", r.value.n);
}).register({
  prefix: "s", name: "all of s", trimStream: false,
  onFailedPolicy: "retry", retryIntervalMs: 1, attempts: 2,
});`;
const QUEUE = "/v1/dlq/lib/all%20of%20s";

Deno.test("dead letters and replays over HTTP", async () => {
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.redis.url);
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${runtime.http}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    return { status: response.status, body: await response.json() };
  };
  const seen = (count: number) => waitUntil(async () => await redis.llen("seen") >= count);

  assertEquals((await call("PUT", "/v1/libraries/lib", { source: SOURCE })).status, 201);
  await redis.sadd("bad", 2, 4, 6);
  for (let n = 0; n < 8; n++) await redis.xadd("s", "*", "n", n);
  await seen(5);
  await waitUntil(async () => (await call("GET", "/v1/dlq")).body[0]?.letters === 3);
  assertEquals((await call("GET", "/v1/dlq")).body, [
    { library: "lib", registration: "all of s", letters: 3 },
  ]);
  const { body: letters } = await call("GET", QUEUE);
  const ids = (await redis.xrange("s", "-", "+")).map(([id]) => id);
  assertEquals(letters.map((letter: { eventId: string }) => letter.eventId), [
    ids[2],
    ids[4],
    ids[6],
  ]);
  for (const { key, error, attempts, shardId, eventId, record, isCut } of letters) {
    assertEquals([key, attempts, shardId.length], ["s", 2, 40]);
    assertEquals([record.key, record.id, isCut], ["s", eventId, false]);
    assertEquals(record.value, { n: `${ids.indexOf(eventId)}` });
    assertMatch(error, /^Error: bad \d \(lib\.js:/);
  }
  const rest = (await call("GET", `${QUEUE}?after=${letters[0].id}&count=1`)).body;
  assertEquals(rest, [letters[1]]);

  // One of them, which fails again; all of them, of which one fails.
  const { body: again } = await call("POST", `${QUEUE}/replay?id=${letters[0].id}`);
  assertEquals(again.replayed, 0);
  assertMatch(again.failed[0].error, /bad 2/);
  await redis.srem("bad", 2, 6);
  const { body: outcome } = await call("POST", `${QUEUE}/replay`);
  assertEquals([outcome.replayed, outcome.failed.length], [2, 1]);
  assertEquals((await redis.lrange("seen", -2, -1)).sort(), ["2", "6"]);
  assertEquals((await call("GET", QUEUE)).body, [letters[1]]);
  assertEquals((await call("DELETE", `${QUEUE}?id=${letters[1].id}`)).body, { dropped: 1 });
  assertEquals((await call("DELETE", QUEUE)).body, { dropped: 0 });
  assertEquals((await call("GET", "/v1/dlq")).body, []);
  assertEquals((await call("POST", `${QUEUE}/replay?id=1-1`)).status, 404);
  assertEquals((await call("POST", "/v1/dlq/lib/other/replay")).status, 404);

  // From a message, and from a time before all of them.
  const [{ id }] = (await call("GET", "/v1/registrations")).body;
  await redis.del("bad", "seen");
  assertEquals(
    (await call("POST", `/v1/registrations/${id}/replay`, { from: ids[5] })).status,
    200,
  );
  await seen(3);
  assertEquals(await redis.lrange("seen", 0, -1), ["5", "6", "7"]);
  await redis.del("seen");
  const from = new Date(Number.parseInt(ids[0])).toISOString();
  await call("POST", `/v1/registrations/${id}/replay`, { from });
  await seen(8);
  assertEquals(await redis.lrange("seen", 0, -1), ["0", "1", "2", "3", "4", "5", "6", "7"]);
  const refused = await call("POST", `/v1/registrations/${id}/replay`, { from: "yesterday" });
  assertEquals(refused.status, 400);
  assert(refused.body.detail.includes("2026-01-31T12:00:00Z"));
});
