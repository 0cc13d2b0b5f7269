import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createProject } from "./project.ts";
import { connectRedis } from "./redis_client.ts";
import { cliCommand, runCli } from "./run_cli.ts";
import { startRuntime } from "./runtime_process.ts";

Deno.test("run: files, stdin and -e", async (t) => {
  await using project = await createProject({
    "count.ts": "GB().count().run();\n",
    "shout.ts": 'import { shout } from "./lib.ts";\n' +
      'GB("KeysOnlyReader").map((key) => shout(key)).sort().run("key:*");\n',
    "lib.ts": "export const shout = (text: string) => text.toUpperCase();\n",
    "broken.ts": "const a = 1;\nconst b = ;\n",
    "throws.ts": 'const text: string = "x";\n\nnull!.length;\n',
    "bundled_throws.ts": 'import { shout } from "./lib.ts";\n\nthrow new Error(shout("loud"));\n',
    "record_fails.ts": 'GB("KeysOnlyReader").map((key) => {\n' +
      '  if (key === "key:2") throw new Error("not this one");\n  return key;\n}).run("key:*");\n',
    "logs.ts": 'log("a notice");\nconsole.log("printed");\nGB().count().run();\n',
  });
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.ready.redis);
  await redis.mset("key:1", "a", "key:2", "b");
  const cli = (args: string[], stdin?: string) =>
    runCli(["run", ...args, "--url", runtime.url], { cwd: project.path, stdin });

  await t.step("a file", async () => {
    const { code, stdout, stderr } = await cli(["count.ts"]);
    assertEquals([code, stdout, stderr], [0, "2\n", ""]);
  });
  await t.step("a file with a relative import", async () => {
    assertEquals((await cli(["shout.ts"])).stdout, "KEY:1\nKEY:2\n");
  });
  await t.step("stdin, -e, --json", async () => {
    assertEquals((await cli(["-"], "GB().count().run()")).stdout, "2\n");
    const { stdout } = await cli(["-e", "GB().count().run()", "--json"]);
    const { results, errors, executionId } = JSON.parse(stdout);
    assertEquals([results, errors, typeof executionId], [[2], [], "string"]);
  });
  await t.step("stdin with an npm package", async () => {
    const code = 'import ms from "npm:ms@2.1.3"; GB().map(() => ms("1h")).limit(1).run()';
    assertEquals((await cli(["-"], code)).stdout, "3600000\n");
  });
  await t.step("a script without run()", async () => {
    const { code, stdout } = await cli(["-e", 'await execute("SET", "other", 1)']);
    assertEquals([code, stdout, await redis.getdel("other")], [0, "", "1"]);
  });
  await t.step("a table of key and value in a pipe is JSON per line", async () => {
    const { stdout } = await cli(["-e", 'GB("KeysOnlyReader").countBy(() => "all").run()']);
    assertEquals(stdout, '{"key":"all","value":2}\n');
  });

  await t.step("a script that does not parse", async () => {
    const { code, stderr } = await cli(["broken.ts"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "broken.ts:2:11");
    assertStringIncludes(stderr, "2 │ const b = ;\n    │           ^");
  });
  await t.step("a script that throws", async () => {
    const { code, stderr } = await cli(["throws.ts"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "throws.ts:3:");
  });
  await t.step("a bundled script that throws, with the place in its own file", async () => {
    const { stderr } = await cli(["bundled_throws.ts"]);
    assertStringIncludes(stderr, "LOUD");
    assertStringIncludes(stderr, "bundled_throws.ts:3:7");
  });
  await t.step("code of -e that throws shows its line", async () => {
    const { stderr } = await cli(["-e", '\nthrow new Error("inline")']);
    assertStringIncludes(stderr, "eval.ts:2:7");
    assertStringIncludes(stderr, '2 │ throw new Error("inline")');
  });
  await t.step("a record that fails: results go on, the exit code is 1", async () => {
    const { code, stdout, stderr } = await cli(["record_fails.ts"]);
    assertEquals([code, stdout], [1, "key:1\n"]);
    assertStringIncludes(stderr, "not this one");
    assertStringIncludes(stderr, "record_fails.ts:2:");
  });
  await t.step("what it logs goes to stderr", async () => {
    const { stdout, stderr } = await cli(["logs.ts"]);
    assertEquals(stdout, "2\n");
    assertStringIncludes(stderr, "a notice");
    assertStringIncludes(stderr, "printed");
  });
  await t.step("two runs in one script are refused", async () => {
    const { code, stderr } = await cli(["-e", "GB().run();\nGB().run();"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "more then 1 executions");
  });
});

Deno.test("run: --unblocking gives an id that the other commands take", async () => {
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url]);
  const started = await cli("run", "-e", "GB('ShardsIDReader').count().run()", "--unblocking");
  const id = started.stdout.trim();
  assert(id.length >= 42, id);
  const results = await cli("executions", "results", id, "--wait", "--json");
  assertEquals(JSON.parse(results.stdout).results, [1]);
  const [listed] = JSON.parse((await cli("executions", "list", "--json")).stdout);
  assertEquals([listed.executionId, listed.status], [id, "done"]);
  const shown = JSON.parse((await cli("executions", "show", id, "--json")).stdout);
  assertEquals(shown.shards[0].recordsRead, 1);
  assertEquals((await cli("executions", "drop", id)).code, 0);
  assertEquals((await cli("executions", "show", id)).code, 3);
  assertEquals((await cli("executions")).stdout, "");
});

const ENDLESS = `function* forever() { for (let n = 0;; n++) yield n; }
GB("GeneratorReader").forEach(() => new Promise((done) => setTimeout(done, 5))).count().run(forever)`;

Deno.test("run: an execution is aborted by its id", async () => {
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url]);
  const id = (await cli("run", "-e", ENDLESS, "--unblocking")).stdout.trim();
  assertEquals((await cli("executions", "drop", id)).code, 1);
  assertEquals((await cli("executions", "abort", id)).code, 0);
  const shown = JSON.parse((await cli("executions", "show", id, "--json")).stdout);
  assertEquals(shown.status, "aborted");
});

Deno.test("run: Ctrl-C aborts the execution and says so", async () => {
  await using runtime = await startRuntime();
  const process = cliCommand(["run", "-e", ENDLESS, "--url", runtime.url], {
    stdout: "piped",
    stderr: "piped",
    stdin: "null",
  }).spawn();
  const output = process.output();
  await waitFor(async () => (await listRunning(runtime.url)).length === 1);
  process.kill("SIGINT");
  const { code, stderr } = await output;
  const told = new TextDecoder().decode(stderr);
  assertEquals(code, 6, told);
  assertStringIncludes(told, "EXECUTION_ABORTED");
  await waitFor(async () => (await listRunning(runtime.url)).length === 0);
});

async function listRunning(url: string): Promise<unknown[]> {
  const executions = await (await fetch(`${url}/v1/executions`)).json();
  return executions.filter(({ status }: { status: string }) => status === "running");
}

/** Asks until `condition` holds; gives up after ten seconds. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!await condition()) {
    assert(Date.now() < deadline, "it did not happen within ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
