import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { connectRedis } from "../cli/redis_client.ts";
import { runCli } from "../cli/run_cli.ts";
import { startRuntime } from "../cli/runtime_process.ts";

type Client = ReturnType<typeof connectRedis>;

interface Example {
  readonly file: string;
  readonly setUp?: (redis: Client) => Promise<unknown>;
  // deno-lint-ignore no-explicit-any
  readonly check: (results: any[], redis: Client) => Promise<void> | void;
}

const byKey = (a: { key: string }, b: { key: string }) => a.key < b.key ? -1 : 1;

const EXAMPLES: readonly Example[] = [
  {
    file: "word_count.ts",
    async setUp(redis) {
      await redis.mset("text:1", "To be, or not to be", "text:2", "be quick", "other:1", "be");
      await redis.hset("text:hash", "a", "be");
    },
    check: (results) =>
      assertEquals(results.toSorted(byKey), [
        { key: "be", value: 3 },
        { key: "not", value: 1 },
        { key: "or", value: 1 },
        { key: "quick", value: 1 },
        { key: "to", value: 2 },
      ]),
  },
  {
    file: "movies_by_genre.ts",
    async setUp(redis) {
      await redis.hset("movie:1", "title", "A", "genre", "Drama");
      await redis.hset("movie:2", "title", "B", "genre", "Drama");
      await redis.hset("movie:3", "title", "C", "genre", "Western");
      await redis.hset("movie:4", "title", "D");
    },
    check: (results) =>
      assertEquals(results.toSorted(byKey), [
        { key: "Drama", value: 2 },
        { key: "Western", value: 1 },
        { key: "unknown", value: 1 },
      ]),
  },
  {
    file: "rating_by_director.ts",
    async setUp(redis) {
      for (let film = 1; film <= 5; film++) {
        await redis.hset(`movie:a${film}`, "director", "Ada", "rating", film);
        await redis.hset(`movie:b${film}`, "director", "Bob", "rating", "9.1");
        if (film < 5) await redis.hset(`movie:c${film}`, "director", "Eve", "rating", "10");
      }
      await redis.hset("movie:x", "title", "nobody's");
    },
    check: (results) =>
      assertEquals(results, [
        { director: "Bob", films: 5, rating: 9.1 },
        { director: "Ada", films: 5, rating: 3 },
      ]),
  },
  {
    file: "delete_by_age.ts",
    async setUp(redis) {
      await redis.hset("user:1", "name", "Ada", "age", 36);
      await redis.hset("user:2", "name", "Alan", "age", 35);
      await redis.hset("user:3", "name", "Grace", "age", 85);
      await redis.hset("user:4", "name", "ageless");
      await redis.set("user:5", "no hash");
    },
    async check(results, redis) {
      assertEquals(results.toSorted(), ["user:1", "user:3"]);
      assertEquals((await redis.keys("user:*")).toSorted(), ["user:2", "user:4", "user:5"]);
    },
  },
  {
    file: "delete_by_prefix.ts",
    async setUp(redis) {
      await redis.mset("session:1", "a", "session:2", "b", "other", "c");
    },
    async check(results, redis) {
      assertEquals(results, [2]);
      assertEquals(await redis.keys("*"), ["other"]);
    },
  },
  {
    file: "vector_mean.ts",
    async setUp(redis) {
      await redis.hset("vec:1", "x", 1, "y", 2, "z", 3);
      await redis.hset("vec:2", "x", 3, "y", 4, "z", 5.5);
    },
    check: (results) => assertEquals(results, [{ x: 2, y: 3, z: 4.25, count: 2 }]),
  },
  {
    file: "monte_carlo_pi.ts",
    check(results) {
      assertEquals(results[0].darts, 1_000_000);
      assertAlmostEquals(results[0].pi, Math.PI, 0.02);
    },
  },
  {
    file: "npm_package.ts",
    async setUp(redis) {
      await redis.hset("movie:1", "title", "Crème brûlée & other films");
      await redis.hset("movie:2", "genre", "Drama");
    },
    async check(results, redis) {
      assertEquals(results, [{ key: "movie:1", slug: "creme-brulee-and-other-films" }]);
      assertEquals(await redis.hget("movie:1", "slug"), "creme-brulee-and-other-films");
    },
  },
];

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
}

Deno.test("examples: each script runs as it is", async (t) => {
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.ready.redis);
  for (const { file, setUp, check } of EXAMPLES) {
    await t.step(file, async () => {
      await redis.flushall();
      await setUp?.(redis);
      const { code, stdout, stderr } = await runCli([
        ...["run", pathOf(file), "--json", "--url", runtime.url],
      ]);
      assertEquals([code, stderr], [0, ""]);
      const { results, errors } = JSON.parse(stdout);
      assertEquals(errors, []);
      await check(results, redis);
    });
  }
});

Deno.test("examples: http_function.ts deploys and answers in each of its ways", async () => {
  await using runtime = await startRuntime();
  const { url } = runtime;
  const deployed = await runCli([
    ...["deploy", pathOf("http_function.ts"), "--env", "GREETING=Ahoy", "--url", url, "--json"],
  ]);
  assertEquals([deployed.code, deployed.stderr], [0, ""]);
  const [library] = JSON.parse(deployed.stdout);
  assertEquals(library.name, "http_function");
  const kinds = library.exports.map(({ kind }: { kind: string }) => kind).toSorted();
  assertEquals(kinds, ["builder", "fetch", "function"]);

  for (const visits of [1, 2]) {
    const response = await fetch(`${url}/invoke/http_function/greet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Ada"}',
    });
    assertEquals(await response.json(), { text: "Ahoy, Ada!", visits });
  }
  const invoked = await runCli(["invoke", "http_function", "visits", "--url", url]);
  assertStringIncludes(invoked.stdout, '{"name":"Ada","visits":2}');

  const page = await fetch(`${url}/fn/http_function/visits/Ada`);
  assertEquals(await page.json(), { name: "Ada", visits: 2 });
  const missing = await fetch(`${url}/fn/http_function/other`);
  assertEquals([missing.status, await missing.text()], [404, "Try /visits/Ada\n"]);
});

Deno.test("examples: README.md lists every example", async () => {
  const readme = await Deno.readTextFile(pathOf("README.md"));
  for await (const { name, isFile } of Deno.readDir(pathOf("."))) {
    if (isFile && name.endsWith(".ts")) assert(readme.includes(`(${name})`), name);
  }
});
