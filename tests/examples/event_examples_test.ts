import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Cluster, type Redis } from "ioredis";
import { fileURLToPath } from "node:url";
import { connectRedis } from "../cli/redis_client.ts";
import { type CliResult, runCli } from "../cli/run_cli.ts";
import { startRuntime } from "../cli/runtime_process.ts";
import { startCluster } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Where the examples run: one shard, or a cluster of three. */
interface Place extends AsyncDisposable {
  readonly url: string;
  readonly redis: Redis | Cluster;
}

interface EventExample {
  readonly file: string;
  readonly deployArgs?: readonly string[];
  readonly check: (place: Place) => Promise<void>;
}

/** How long a chain of events may take, in milliseconds. */
const PATIENCE_MS = 10_000;

const EXAMPLES: readonly EventExample[] = [
  {
    file: "audit_chain.ts",
    async check({ redis }) {
      for (let price = 0; price < 5; price++) await redis.set("audited-price", price);
      await redis.set("audited-stock", 1);
      await redis.set("other", 1);
      await eventually(
        () => redis.zrange("audit-counts", "0", "-1", "WITHSCORES"),
        ["audited-stock", "1", "audited-price", "5"],
      );
    },
  },
  {
    file: "key_set.ts",
    async check({ redis }) {
      for (let key = 0; key < 20; key++) await redis.set(`kept:${key}`, key);
      await redis.set("gone", 1);
      await eventually(() => redis.sismember("all-keys", "gone"), 1);
      await redis.del("gone");
      await eventually(() => redis.sismember("all-keys", "gone"), 0);
      const kept = async () =>
        (await redis.smembers("all-keys")).filter((key) => key.startsWith("kept:")).length;
      await eventually(kept, 20);
    },
  },
  {
    file: "stream_to_keys.ts",
    async check({ redis }) {
      await redis.xadd("in:orders", "*", "id", "7", "total", "120");
      await eventually(() => redis.get("in:orders:total"), "120");
      assertEquals(await redis.get("in:orders:id"), "7");
      await eventually(() => redis.xlen("in:orders"), 0);
    },
  },
  {
    file: "expire_automatically.ts",
    deployArgs: ["--env", "SECONDS=100"],
    async check({ redis }) {
      await redis.set("session:1", "Ada");
      await redis.hset("session:2", "name", "Alan");
      await redis.set("session:3", "Grace", "EX", 5);
      for (const key of ["session:1", "session:2"]) {
        await waitUntil(async () => await redis.ttl(key) > 90, PATIENCE_MS);
      }
      assert(await redis.ttl("session:3") <= 5);
    },
  },
  {
    file: "expired_log.ts",
    async check({ redis }) {
      await redis.set("coupon:1", "10%", "PX", 20);
      await eventually(async () => await entriesOf(redis, "expired-log:"), [["key", "coupon:1"]]);
    },
  },
  {
    file: "cron_cleanup.ts",
    deployArgs: ["--env", "CRON=* * * * * *", "--env", "MAX_IDLE_SECONDS=-1"],
    async check({ redis }) {
      for (let report = 0; report < 10; report++) await redis.set(`report:${report}`, "old");
      await redis.set("article:1", "stays");
      const left = async () => {
        const keys = Array.from({ length: 10 }, (_, report) => redis.exists(`report:${report}`));
        return (await Promise.all(keys)).reduce((sum, one) => sum + one, 0);
      };
      await eventually(left, 0);
      assertEquals(await redis.get("article:1"), "stays");
    },
  },
];

for (const [name, open] of [["one shard", openShard], ["three shards", openCluster]] as const) {
  Deno.test(`examples: functions that wait for events, on ${name}`, async (t) => {
    await using place = await open();
    for (const example of EXAMPLES) {
      await t.step(example.file, async () => {
        expectDeployed(await deploy(place.url, example.file, example.deployArgs));
        await example.check(place);
        await runCli(["undeploy", example.file.replace(".ts", ""), "--url", place.url]);
      });
    }
  });
}

Deno.test("examples: webhook.ts calls the host that is allowed, again where it may help", async () => {
  const calls: { readonly id: string | null; readonly body: unknown }[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      calls.push({ id: request.headers.get("idempotency-key"), body: await request.json() });
      const { total } = calls.at(-1)!.body as { total: string };
      if (total === "-1") return new Response("no", { status: 400 });
      return new Response("", { status: calls.length === 1 ? 503 : 200 });
    },
  );
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.ready.redis);
  const host = `127.0.0.1:${server.addr.port}`;
  expectDeployed(
    await deploy(runtime.url, "webhook.ts", [
      ...["--env", `URL=http://${host}/orders`, "--allow-net", host],
    ]),
  );
  const id = await redis.xadd("orders:eu", "*", "id", "7", "total", "120");
  await waitUntil(() => calls.length === 2, PATIENCE_MS);
  const expected = { id, body: { id: "7", total: "120" } };
  assertEquals(calls, [expected, expected]);

  await redis.xadd("orders:eu", "*", "id", "8", "total", "-1");
  const letters = async () =>
    JSON.parse((await runCli(["dlq", "list", "--json", "--url", runtime.url])).stdout);
  await waitUntil(async () => (await letters()).length === 1, PATIENCE_MS);
  assertEquals(calls.length, 3);
  assertEquals((await letters())[0].library, "webhook");
});

async function openShard(): Promise<Place> {
  const runtime = await startRuntime();
  const redis = connectRedis(runtime.ready.redis);
  return {
    url: runtime.url,
    redis,
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await runtime[Symbol.asyncDispose]();
    },
  };
}

async function openCluster(): Promise<Place> {
  const cluster = await startCluster();
  const redis = new Cluster(cluster.redis.masters.map(({ server }) => server.url));
  return {
    url: `http://${cluster.shards[1].ready.http}`,
    redis,
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function deploy(url: string, file: string, args: readonly string[] = []): Promise<CliResult> {
  const path = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
  return runCli(["deploy", path, ...args, "--url", url]);
}

function expectDeployed({ code, stdout, stderr }: CliResult): void {
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "deployed");
}

async function eventually<T>(read: () => Promise<T>, expected: T): Promise<void> {
  const wanted = JSON.stringify(expected);
  try {
    await waitUntil(async () => JSON.stringify(await read()) === wanted, PATIENCE_MS);
  } catch {
    assertEquals(await read(), expected);
  }
}

/** Fields of the entries of all streams that begin so. */
async function entriesOf(redis: Redis | Cluster, prefix: string): Promise<string[][]> {
  const nodes = redis instanceof Cluster ? redis.nodes("master") : [redis];
  const streams = (await Promise.all(nodes.map((node) => node.keys(`${prefix}*`)))).flat();
  const entries = await Promise.all(streams.map((key) => redis.xrange(key, "-", "+")));
  return entries.flat().map(([, fields]) => fields);
}
