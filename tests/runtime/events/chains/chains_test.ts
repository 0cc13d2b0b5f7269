import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RegistrationInfo } from "../../../../contract/api/registration_info.ts";
import { startEngine, type TestEngine } from "../../../support/start_engine.ts";
import { waitUntil } from "../../../support/wait_until.ts";

async function register(test: TestEngine, source: string, id?: string): Promise<void> {
  const outcome = await test.engine.runScript(source, id === undefined ? {} : { id });
  assertEquals(outcome.kind, "registered");
}

function failing(test: TestEngine): RegistrationInfo | undefined {
  return test.engine.listRegistrations().find(({ lastError }) => lastError?.startsWith("LOOP"));
}

/** Waits until a chain was stopped; what is said of it. */
async function untilStopped(test: TestEngine): Promise<RegistrationInfo> {
  await waitUntil(() => failing(test) !== undefined, 10_000);
  return failing(test)!;
}

Deno.test("a registration that fires itself is stopped after 32 executions", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("INCR", "loop:1"))
      .register({ prefix: "loop:*", name: "ouroboros" })`,
  );
  await test.ask("SET", "loop:1", "0");
  const { lastError } = await untilStopped(test);
  assertStringIncludes(lastError!, "ouroboros");
  await waitUntil(() => test.engine.listRegistrations()[0].numSuccess === 32);
  assertEquals(test.engine.listRegistrations()[0].numFailures, 1);
  assertEquals(await test.ask("GET", "loop:1"), "32");
  assert(test.logs.some((line) => line.includes("ouroboros") && line.includes("LOOP")));
  // What others write fires it as before.
  await test.ask("SET", "loop:1", "0");
  await waitUntil(() => test.engine.listRegistrations()[0].numFailures === 2);
  assertEquals(await test.ask("GET", "loop:1"), "32");
});

Deno.test("a chain of two registrations, and of two libraries, ends", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach(() => execute("INCR", "b")).register({ prefix: "a", name: "a to b" });
     GB("KeysReader").forEach(() => execute("INCR", "a")).register({ prefix: "b", name: "b to a" })`,
  );
  await test.ask("SET", "a", "0");
  await untilStopped(test);
  assertEquals([await test.ask("GET", "a"), await test.ask("GET", "b")], ["16", "16"]);
  await register(
    test,
    `GB("KeysReader").map(async () => { await atomic((t) => t.execute("LPUSH", "d", "x")); })
      .register({ prefix: "c", name: "c to d" })`,
    "one",
  );
  await register(
    test,
    `GB("KeysReader").map(async () => { await execute("EVAL", "redis.call('lpush', KEYS[1], 'x')", 1, "c"); })
      .register({ prefix: "d", name: "d to c" })`,
    "two",
  );
  await test.ask("LPUSH", "c", "x");
  await waitUntil(() =>
    test.engine.listRegistrations().some(({ name, lastError }) =>
      / to [cd]/.test(name) && lastError?.startsWith("LOOP")
    )
  );
  assertEquals([await test.ask("LLEN", "c"), await test.ask("LLEN", "d")], [17, 16]);
});

Deno.test("a chain through a run within a function ends", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").map(async () => {
       await GB("GeneratorReader").forEach(() => execute("INCR", "n"))
         .run(function* () { yield 1; }, { mode: "async_local" });
     }).register({ prefix: "n", name: "nested" })`,
  );
  await test.ask("SET", "n", "0");
  await untilStopped(test);
  assertEquals(await test.ask("GET", "n"), "32");
});

Deno.test("a stream onto itself ends", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("StreamReader").forEach(() => execute("XADD", "s", "*", "f", "v"))
      .register({ prefix: "s", trimStream: false, name: "spring" })`,
  );
  await test.ask("XADD", "s", "*", "f", "v");
  const { lastError } = await untilStopped(test);
  assertStringIncludes(lastError!, "spring");
  // What is read before its sandbox has said so counts as another's: a few more at most.
  const length = Number(await test.ask("XLEN", "s"));
  assert(length >= 33 && length <= 60, String(length));
});

Deno.test("what others write to a key of a loop is not taken for the loop's", async () => {
  await using test = await startEngine();
  // Writes its own key back unless it is normal already: one round more for each foreign write.
  await register(
    test,
    `GB("KeysReader").map(async (r) => {
       if (r.value !== r.value.toLowerCase()) await execute("SET", r.key, r.value.toLowerCase());
     }).register({ prefix: "k", eventTypes: ["set"] })`,
  );
  for (let round = 0; round < 300; round++) {
    await test.pipeline([["SET", "k", `A${round}`], ["SET", "k", `B${round}`], ["SET", "k", "C"]]);
  }
  await waitUntil(async () => await test.ask("GET", "k") === "c");
  const [info] = test.engine.listRegistrations();
  await waitUntil(() => test.engine.listRegistrations()[0].backlog === 0);
  assertEquals([info.numFailures, info.lastError], [0, null]);
});

Deno.test("a chain that ends by itself may be long, and wide", async () => {
  await using test = await startEngine();
  await register(
    test,
    `for (let n = 0; n < 30; n++) {
       GB("KeysReader").forEach((r) => execute("SET", "step:" + (n + 1) + ":" + r.key.split(":")[2], "v"))
         .register({ prefix: "step:" + n + ":*", name: "step " + n, readValue: false });
     }`,
  );
  await test.pipeline(Array.from({ length: 100 }, (_, index) => ["SET", `step:0:${index}`, "v"]));
  await waitUntil(
    async () => (await test.ask("KEYS", "step:30:*") as string[]).length === 100,
    20_000,
  );
  assertEquals(failing(test), undefined);
});

Deno.test("a Redis user that may not publish is held to the limit, too", async () => {
  await using test = await startEngine({ redisUsers: { quiet: "secret" } });
  await test.ask("ACL", "SETUSER", "quiet", "on", ">secret", "~*", "+@all", "resetchannels");
  await test.engine.deploy({
    name: "quiet",
    source: `import { execute, GB } from "pinion";
      GB("KeysReader").map(async () => { await execute("INCR", "q"); })
        .register({ prefix: "q", name: "quiet" });`,
    manifest: { env: {}, allowNet: [], secrets: [], redisUser: "quiet" },
  });
  await test.ask("SET", "q", "0");
  await untilStopped(test);
  const value = Number(await test.ask("GET", "q"));
  assert(value >= 30 && value <= 40, String(value));
});
