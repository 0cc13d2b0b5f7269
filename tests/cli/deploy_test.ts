import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connectRedis } from "./redis_client.ts";
import { createProject } from "./project.ts";
import { runCli } from "./run_cli.ts";
import { startRuntime } from "./runtime_process.ts";

const LIBRARY = `import { env } from "pinion";
import { version } from "./version.ts";
/** What it was deployed with. */
export async function show(): Promise<unknown> {
  return { version, color: env.COLOR ?? null };
}
export async function fail(input: { deep?: boolean }): Promise<void> {
  if (input.deep) throw new RangeError("too deep");
}
`;

// deno-lint-ignore no-explicit-any
function json(result: { stdout: string; stderr: string }): any {
  assertEquals(result.stderr, "");
  return JSON.parse(result.stdout);
}

Deno.test("deploy: a library's life from the first version to the last", async (t) => {
  await using project = await createProject({
    "shop.ts": LIBRARY,
    "version.ts": "export const version = 1;\n",
  });
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url], { cwd: project.path });

  await t.step("--dry-run changes nothing", async () => {
    const [checked] = json(await cli("deploy", "shop.ts", "--dry-run", "--json"));
    assertEquals([checked.name, checked.dryRun], ["shop", true]);
    assertEquals(json(await cli("libraries", "--json")), []);
  });

  await t.step("deploy, list, show, invoke", async () => {
    const [deployed] = json(
      await cli("deploy", "shop.ts", "--env", "COLOR=red", "--description", "A shop", "--json"),
    );
    assertEquals([deployed.name, deployed.version, deployed.files.length], ["shop", 1, 2]);
    assert(deployed.bytes > 0 && deployed.sourceMapBytes > 0);
    const [listed] = json(await cli("libraries", "--json"));
    assertEquals([listed.name, listed.state, listed.description], ["shop", "ready", "A shop"]);
    const info = json(await cli("libraries", "shop", "--json"));
    assertEquals(info.manifest.env, ["COLOR"]);
    assertEquals(json(await cli("invoke", "shop", "show")), { version: 1, color: "red" });
  });

  await t.step("a second deploy needs --upgrade", async () => {
    const refused = await cli("deploy", "shop.ts");
    assertEquals(refused.code, 4);
    assertStringIncludes(refused.stderr, "--upgrade");
    await Deno.writeTextFile(project.file("version.ts"), "export const version = 2;\n");
    const [deployed] = json(await cli("deploy", "shop.ts", "--upgrade", "--json"));
    assertEquals(deployed.version, 2);
    assertEquals(json(await cli("invoke", "shop", "show")), { version: 2, color: null });
  });

  await t.step("versions and rollback", async () => {
    const versions = json(await cli("versions", "shop", "--json"));
    assertEquals(
      versions.map(({ version, current }: { version: number; current: boolean }) => [
        version,
        current,
      ]),
      [[2, true], [1, false]],
    );
    assertEquals((await cli("rollback", "shop")).code, 0);
    assertEquals(json(await cli("invoke", "shop", "show")).version, 1);
    assertEquals((await cli("rollback", "shop", "--to", "99")).code, 3);
  });

  await t.step("a failure names the author's file and line", async () => {
    const { code, stderr } = await cli("invoke", "shop", "fail", '{"deep":true}');
    assertEquals(code, 1);
    assertStringIncludes(stderr, "too deep");
    assertStringIncludes(stderr, "shop.ts:8:");
  });

  await t.step("what is not there", async () => {
    assertEquals((await cli("invoke", "shop", "nothing")).code, 3);
    assertEquals((await cli("libraries", "nothing")).code, 3);
    assertEquals((await cli("undeploy", "nothing")).code, 3);
  });

  await t.step("a module that fails leaves the library as it was", async () => {
    await Deno.writeTextFile(project.file("shop.ts"), '\nthrow new Error("no luck");\n');
    const { code, stderr } = await cli("deploy", "shop.ts", "--upgrade");
    assertEquals(code, 1);
    assertStringIncludes(stderr, "no luck");
    assertStringIncludes(stderr, "shop.ts:2:7");
    assertStringIncludes(stderr, '2 │ throw new Error("no luck");');
    assertEquals(json(await cli("invoke", "shop", "show")).version, 1);
  });

  await t.step("undeploy", async () => {
    assertEquals((await cli("undeploy", "shop")).code, 0);
    assertEquals(json(await cli("libraries", "--json")), []);
  });
});

Deno.test("deploy: several files at once, none if one cannot be bundled or loaded", async () => {
  await using project = await createProject({
    "one.ts": "export const a = async () => 1;\n",
    "two.ts": "export const b = async () => 2;\n",
    "bad.ts": "export const c = ;\n",
    "throws.ts": 'throw new Error("no luck");\n',
  });
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url], { cwd: project.path });
  for (const bad of ["bad.ts", "throws.ts"]) {
    const { code } = await cli("deploy", "one.ts", bad, "two.ts");
    assertEquals([code, json(await cli("libraries", "--json"))], [1, []]);
  }
  const both = await cli("deploy", "one.ts", "two.ts");
  assertEquals(both.stdout.split("\n").slice(0, 2).map((line) => line.split("\t")[0]), [
    "one",
    "two",
  ]);
});

Deno.test("deploy: --replace-with removes the old library in the same step", async () => {
  await using project = await createProject({ "new.ts": "export const a = async () => 1;\n" });
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url], { cwd: project.path });
  await cli("deploy", "new.ts", "--name", "old");
  const { code } = await cli("deploy", "new.ts", "--replace-with", "old");
  const libraries = json(await cli("libraries", "--json"));
  assertEquals([code, libraries.map(({ name }: { name: string }) => name)], [0, ["new"]]);
});

Deno.test("deploy: a library is there again after a restart beside the same Redis", async () => {
  await using project = await createProject({ "kept.ts": "export const a = async () => 41;\n" });
  await using first = await startRuntime();
  {
    await using second = await startRuntime(["--redis", first.ready.redis]);
    await runCli(["deploy", project.file("kept.ts"), "--url", second.url]);
  }
  await using third = await startRuntime(["--redis", first.ready.redis]);
  const { stdout } = await runCli(["invoke", "kept", "a", "--url", third.url]);
  assertEquals(stdout, "41\n");
  await using redis = connectRedis(first.ready.redis);
  assertEquals((await redis.keys("*")).filter((key) => !key.startsWith("__pinion:")), []);
});

Deno.test("deploy: under `deno task` a file is found where the task was called from", async () => {
  await using project = await createProject({ "far.ts": "export const a = async () => 1;\n" });
  await using runtime = await startRuntime();
  const { code, stdout } = await runCli(["deploy", "far.ts", "--url", runtime.url, "--json"], {
    env: { INIT_CWD: project.path },
  });
  assertEquals([code, JSON.parse(stdout)[0].name], [0, "far"]);
});
