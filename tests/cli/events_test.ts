import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { createProject } from "./project.ts";
import { connectRedis } from "./redis_client.ts";
import { runCli } from "./run_cli.ts";
import { type RuntimeProcess, startRuntime } from "./runtime_process.ts";

const MODULE = `
import { execute, GearsBuilder, NonRetryableError } from "pinion";

new GearsBuilder("CommandReader")
  .map(([, name]) => "Hello " + name)
  .register({ trigger: "greet", name: "greet" });

new GearsBuilder("StreamReader")
  .forEach(async ({ value }) => {
    if (value.n === "7" && await execute("GET", "mended") === null) {
      throw new NonRetryableError("seven is bad luck");
    }
    await execute("INCRBY", "sum", value.n);
  })
  .register({ prefix: "numbers", onFailedPolicy: "retry", trimStream: false, name: "sum" });
`;
const PATIENCE_MS = 10_000;

Deno.test("command line: registrations, trigger and dlq", async (t) => {
  await using runtime = await startRuntime();
  await using redis = connectRedis(runtime.ready.redis);
  const cli = (...args: string[]) => runCli([...args, "--url", runtime.url]);
  const json = async (...args: string[]) => JSON.parse((await cli(...args, "--json")).stdout);
  await deployModule(runtime);

  await t.step("trigger shows what the function gives", async () => {
    const { code, stdout } = await cli("trigger", "greet", "Ada");
    assertEquals([code, stdout], [0, "Hello Ada\n"]);
  });
  await t.step("trigger: one that there is not", async () => {
    const { code, stderr } = await cli("trigger", "nobody");
    assertEquals(code, 3);
    assertStringIncludes(stderr, "There is no trigger");
  });
  await t.step("registrations list tells of runs", async () => {
    for (let n = 1; n <= 10; n++) await redis.xadd("numbers", "*", "n", n);
    await waitUntil(async () => await redis.get("sum") === "48", PATIENCE_MS);
    const [greet, sum] = await json("registrations", "list");
    assertEquals([greet.name, greet.numSuccess, greet.status], ["greet", 1, "OK"]);
    assertEquals([sum.name, sum.numFailures > 0], ["sum", true]);
    assertMatch((await cli("registrations")).stdout, /^events\/sum\tstreams numbers\tok\t/m);
  });
  await t.step("pause, resume and drain take a registration by its name", async () => {
    const status = async () => (await json("registrations", "show", "events/sum")).status;
    assertEquals((await cli("registrations", "pause", "sum")).code, 0);
    assertEquals(await status(), "PAUSED");
    assertEquals((await cli("registrations", "resume", "events/sum")).code, 0);
    assertEquals(await status(), "OK");
    assertEquals((await cli("registrations", "drain", "sum")).code, 0);
    await waitUntil(async () => await status() === "PAUSED", PATIENCE_MS);
    await cli("registrations", "resume", "sum");
  });
  await t.step("dlq list and show say what was given up and why", async () => {
    const queues = [{ library: "events", registration: "sum", letters: 1 }];
    assertEquals(await json("dlq", "list"), queues);
    const [letter] = await json("dlq", "show", "events/sum");
    assertEquals([letter.key, letter.attempts], ["numbers", 1]);
    assertStringIncludes(letter.error, "seven is bad luck");
    assertEquals(letter.record.value, { n: "7" });
    const { stdout } = await cli("dlq", "show", "events/sum");
    assertStringIncludes(stdout, "seven is bad luck");
    assertStringIncludes(stdout, `"value":{"n":"7"}`);
  });
  await t.step("dlq replay keeps what fails again, and removes the rest", async () => {
    const again = await cli("dlq", "replay", "events/sum");
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "seven is bad luck");
    await redis.set("mended", 1);
    assertEquals(await json("dlq", "replay", "events/sum"), { replayed: 1, failed: [] });
    assertEquals([await redis.get("sum"), await json("dlq", "list")], ["55", []]);
  });
  await t.step("registrations replay reads a stream again", async () => {
    assertEquals((await cli("registrations", "replay", "sum", "0-0")).code, 0);
    await waitUntil(async () => await redis.get("sum") === "110", PATIENCE_MS);
  });
  await t.step("dlq drop wants to know what", async () => {
    const { code, stderr } = await cli("dlq", "drop", "events/sum");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--all");
    const wrong = await cli("dlq", "show", "sum");
    assertStringIncludes(wrong.stderr, "<registration>: expected LIBRARY/NAME, got sum");
    assertEquals(await json("dlq", "drop", "events/sum", "--all"), { dropped: 0 });
  });
  await t.step("registrations remove ends one, and leaves the others", async () => {
    assertEquals((await cli("registrations", "remove", "sum")).code, 0);
    const left = await json("registrations", "list");
    assertEquals(left.map(({ name }: { name: string }) => name), ["greet"]);
    const { code, stderr } = await cli("registrations", "show", "sum");
    assertEquals(code, 3);
    assertStringIncludes(stderr, "no registration sum");
  });
});

async function deployModule({ url }: RuntimeProcess): Promise<void> {
  await using project = await createProject({ "events.ts": MODULE });
  const { code, stderr } = await runCli(["deploy", project.file("events.ts"), "--url", url]);
  assertEquals([code, stderr], [0, ""]);
}
