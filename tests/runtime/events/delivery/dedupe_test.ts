import { assertEquals } from "@std/assert";
import { isolatePids } from "../../../support/isolate_processes.ts";
import { startEngine, type TestEngine } from "../../../support/start_engine.ts";
import { waitUntil } from "../../../support/wait_until.ts";

async function register(test: TestEngine, source: string): Promise<void> {
  assertEquals((await test.engine.runScript(source, {})).kind, "registered");
}

Deno.test("dedupe: an id fires once within its window, then again", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("RPUSH", "seen", r.key))
      .register({ prefix: "order:*", eventTypes: ["set"], dedupe: { id: (r) => r.value, windowMs: 1500 } })`,
  );
  await test.pipeline([
    ["SET", "order:1", "A"],
    ["SET", "order:2", "B"],
    ["SET", "order:3", "A"],
    ["SET", "order:4", "B"],
  ]);
  await waitUntil(async () => await test.ask("LLEN", "seen") === 2);
  await test.ask("SET", "order:5", "A");
  await test.ask("SET", "order:6", "C");
  await waitUntil(async () => await test.ask("LLEN", "seen") === 3);
  assertEquals(await test.ask("LRANGE", "seen", "0", "-1"), ["order:1", "order:2", "order:6"]);
  await waitUntil(() => test.engine.listRegistrations()[0].numTriggered === 3);
  await waitUntil(async () => {
    await test.ask("SET", "order:7", "A");
    return (await test.ask("LRANGE", "seen", "0", "-1") as string[]).includes("order:7");
  });
});

Deno.test("dedupe: what failed may come again", async () => {
  await using test = await startEngine();
  await register(
    test,
    `let tries = 0;
     GB("KeysReader").map((r) => { if (tries++ === 0) throw new Error("not yet"); return execute("INCR", "done"); })
      .register({ prefix: "k:*", eventTypes: ["set"], dedupe: { id: (r) => r.value, windowMs: 60000 } })`,
  );
  await test.ask("SET", "k:1", "A");
  await waitUntil(() => test.engine.listRegistrations()[0].numFailures === 1);
  await test.ask("SET", "k:1", "A");
  await waitUntil(async () => await test.ask("GET", "done") === "1");
  await test.ask("SET", "k:1", "A");
  await test.ask("SET", "k:1", "B");
  await waitUntil(async () => await test.ask("GET", "done") === "2");
});

Deno.test("dedupe: an isolate that is killed leaves no mark behind that stops its events", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").map(async (r) => {
       await new Promise((resolve) => setTimeout(resolve, 20));
       await execute("SADD", "seen", r.value);
     }).register({ prefix: "k:*", eventTypes: ["set"], concurrency: 4, dedupe: { id: (r) => r.value, windowMs: 60000 } })`,
  );
  const sets = Array.from({ length: 60 }, (_, id) => ["SET", `k:${id}`, `id${id}`]);
  await test.pipeline(sets);
  await waitUntil(async () => Number(await test.ask("SCARD", "seen")) > 8);
  for (const pid of await isolatePids()) Deno.kill(pid, "SIGKILL");
  await waitUntil(async () => await test.ask("SCARD", "seen") === 60, 30_000);
  // They are known now, whatever isolate they ran in.
  await waitUntil(() => test.engine.listRegistrations()[0].backlog === 0);
  await test.ask("DEL", "seen");
  await test.pipeline(sets);
  await test.ask("SET", "k:new", "new");
  await waitUntil(async () => await test.ask("SISMEMBER", "seen", "new") === 1);
  assertEquals(await test.ask("SMEMBERS", "seen"), ["new"]);
});

Deno.test("dedupe: messages of a stream, one of a batch left out", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("StreamReader").forEach((r) => execute("RPUSH", "seen", r.value.id))
      .register({ prefix: "s", batch: 3, duration: 50, dedupe: { id: (r) => r.value.id, windowMs: 60000 } })`,
  );
  for (const id of ["a", "b", "a", "c", "b", "d"]) await test.ask("XADD", "s", "*", "id", id);
  await waitUntil(async () => await test.ask("LLEN", "seen") === 4);
  assertEquals(await test.ask("LRANGE", "seen", "0", "-1"), ["a", "b", "c", "d"]);
});
