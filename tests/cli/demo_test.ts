import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connectRedis } from "./redis_client.ts";
import { cliCommand, runCli } from "./run_cli.ts";
import { startRuntime } from "./runtime_process.ts";

Deno.test("demo: --json gives the figures of every scene, and nothing is left", async () => {
  await using runtime = await startRuntime();
  const { code, stdout, stderr } = await runCli(["demo", "--json", "--redis", runtime.ready.redis]);
  assertEquals([code, stderr], [0, ""]);
  const { data, scenes } = JSON.parse(stdout);
  assertEquals(data.movies, 3201);
  assert(data.lines > 18_000);
  // deno-lint-ignore no-explicit-any
  const named: Record<string, any> = Object.fromEntries(
    scenes.map((scene: { name: string }) => [scene.name, scene]),
  );
  assertEquals(named.word_count.picture.bars[0].label, "the");
  assertEquals(named.movies_by_genre.picture.bars[0], { label: "Drama", value: 789 });
  assert(named.rating_by_director.picture.rows.length > 5);
  const decades: { label: string; value: number }[] = named.register.picture.bars;
  assertEquals(decades.find(({ label }) => label === "1990s"), { label: "1990s", value: 769 });
  assertEquals(JSON.parse(named.invoke.picture.text), { text: "Call me, Ishmael!", visits: 1 });
  assertEquals(
    named.delete_by_prefix.picture.rows[0].count - named.delete_by_prefix.picture.rows[1].count,
    data.lines,
  );
  await using redis = connectRedis(runtime.ready.redis);
  assertEquals((await redis.keys("*")).filter((key) => !key.startsWith("__pinion:")), []);
});

Deno.test("demo: --shards plays the same on a cluster", async () => {
  const { code, stdout, stderr } = await runCli(["demo", "--json", "--shards", "2"]);
  assertEquals([code, stderr.includes("Cannot ")], [0, false], stderr);
  const { data, scenes } = JSON.parse(stdout);
  const picture = (name: string) =>
    scenes.find((scene: { name: string }) => scene.name === name).picture;
  assertEquals(picture("movies_by_genre").bars[0], { label: "Drama", value: 789 });
  assertEquals(picture("word_count").bars[0].label, "the");
  assertEquals(picture("register").bars.at(-1), { label: "2010s", value: 97 });
  const [before, after] = picture("delete_by_prefix").rows;
  assertEquals(before.count - after.count, data.lines);
});

Deno.test("demo: brings a Redis of its own", async () => {
  const { code, stdout } = await runCli(["demo"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Drama\t789");
});

Deno.test("demo: --keep stays up with the data until Ctrl-C", async () => {
  const process = cliCommand(["demo", "--keep", "--json"], {
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.endsWith("\n")) text += (await reader.read()).value ?? "\n";
  const { http, data } = JSON.parse(text);
  const answer = await fetch(`http://${http}/v1/run`, {
    method: "POST",
    body: 'GB().count().run("text:*")',
  });
  assertEquals((await answer.json()).results, [data.lines]);
  process.kill("SIGINT");
  assertEquals((await process.status).code, 0);
  assertEquals((await reader.read()).done, true);
});

Deno.test("demo: refuses a Redis whose keys it would overwrite", async () => {
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.ready.redis);
  await redis.set("text:1", "mine");
  const { code, stderr } = await runCli(["demo", "--redis", runtime.ready.redis]);
  assertEquals([code, await redis.get("text:1")], [4, "mine"]);
  assertStringIncludes(stderr, "text:*");
});
