import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { newLines } from "../../cli/shards/logs.ts";
import { runCli } from "./run_cli.ts";
import { startRuntime } from "./runtime_process.ts";

Deno.test("doctor, cluster and logs tell of a runtime that is up", async (t) => {
  await using runtime = await startRuntime();
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url]);

  await t.step("doctor", async () => {
    const { code, stdout } = await cli("doctor", "--json");
    const findings = JSON.parse(stdout) as { name: string; status: string; found: string }[];
    const named = new Map(findings.map((finding) => [finding.name, finding]));
    assertEquals(code, 0);
    assertEquals(named.get("runtime")?.status, "ok");
    assertStringIncludes(named.get("runtime")!.found, runtime.url);
    assertStringIncludes(named.get("redis")!.found, "redis ");
    assertEquals(named.get("events")!.found, "0 registrations, nothing was given up");
  });
  await t.step("cluster", async () => {
    const { stdout } = await cli("cluster", "--json");
    const { clustered, shards } = JSON.parse(stdout);
    assertEquals([clustered, shards.length], [false, 1]);
    assertStringIncludes((await cli("cluster")).stdout, "0-16383");
  });
  await t.step("logs", async () => {
    await cli("run", "-e", 'log("a line of the log")');
    assertMatch((await cli("logs")).stdout, /\tnotice\t\w+\ta line of the log$/m);
    assert(Array.isArray(JSON.parse((await cli("logs", "--json")).stdout)));
  });
});

Deno.test("doctor: without a runtime it says what to do and ends with 1", async () => {
  const { code, stdout } = await runCli(["doctor", "--url", "http://127.0.0.1:1"]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, "fail\truntime\tNothing answers at http://127.0.0.1:1\tstart one");
});

Deno.test("logs: --follow shows each line once, also where the window has moved on", () => {
  const line = (time: number) => ({ time, level: "notice" as const, message: `line ${time}` });
  assertEquals(newLines([], [line(1)]), [line(1)]);
  assertEquals(newLines([line(1), line(2)], [line(1), line(2), line(3)]), [line(3)]);
  assertEquals(newLines([line(1), line(2)], [line(2), line(3)]), [line(3)]);
  assertEquals(newLines([line(1)], [line(5), line(6)]), [line(5), line(6)]);
});
