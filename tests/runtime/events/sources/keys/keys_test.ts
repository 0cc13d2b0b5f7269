import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PinionError } from "../../../../../errors.ts";
import type { RegistrationInfo } from "../../../../../contract/api/registration_info.ts";
import { isolatePids } from "../../../../support/isolate_processes.ts";
import { startEngine, type TestEngine } from "../../../../support/start_engine.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

async function register(test: TestEngine, source: string, id?: string): Promise<void> {
  const outcome = await test.engine.runScript(source, id === undefined ? {} : { id });
  assertEquals(outcome.kind, "registered");
}

function info(test: TestEngine, at = 0): RegistrationInfo {
  return test.engine.listRegistrations()[at];
}

/** Waits until all events up to now have been run. */
async function untilCount(
  test: TestEngine,
  key: string,
  count: number,
  ms = 20_000,
): Promise<void> {
  await waitUntil(async () => Number(await test.ask("GET", key)) >= count, ms);
}

Deno.test("every event is counted: 100,000 SETs, execute(INCR) each", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach(() => execute("INCR", "count")).register({ prefix: "k:*", eventTypes: ["set"] })`,
  );
  for (let from = 0; from < 100_000; from += 10_000) {
    await test.pipeline(
      Array.from({ length: 10_000 }, (_, index) => ["SET", `k:${(from + index) % 5_000}`, "v"]),
    );
  }
  await untilCount(test, "count", 100_000);
  await waitUntil(() => info(test).numSuccess === 100_000);
  assertEquals(await test.ask("GET", "count"), "100000");
  assertEquals(info(test).backlog, 0);
  assertEquals(info(test).source, "keyspace notifications (best effort)");
});

Deno.test("records: key, event, type and value of every type; empty where there is none", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("RPUSH", "seen", JSON.stringify(r)))
      .register({ prefix: "k:*", eventTypes: ["set", "rpush", "hset", "sadd", "zadd", "xadd", "del", "expired"] })`,
  );
  await test.ask("SET", "k:string", "text");
  await test.ask("RPUSH", "k:list", "a", "b");
  await test.ask("HSET", "k:hash", "f", "v");
  await test.ask("SADD", "k:set", "m");
  await test.ask("ZADD", "k:zset", "1.5", "m");
  await test.ask("XADD", "k:stream", "1-1", "f", "v");
  await waitUntil(async () => Number(await test.ask("LLEN", "seen")) === 6);
  await test.ask("DEL", "k:string");
  await test.ask("SET", "other", "v");
  await waitUntil(async () => Number(await test.ask("LLEN", "seen")) === 7);
  const seen = (await test.ask("LRANGE", "seen", "0", "-1") as string[]).map((text) =>
    JSON.parse(text)
  );
  assertEquals(seen.toSorted((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0), [
    { key: "k:hash", event: "hset", type: "hash", value: { f: "v" } },
    { key: "k:list", event: "rpush", type: "list", value: ["a", "b"] },
    { key: "k:set", event: "sadd", type: "set", value: ["m"] },
    { key: "k:stream", event: "xadd", type: "stream", value: [{ id: "1-1", value: { f: "v" } }] },
    { key: "k:string", event: "set", type: "string", value: "text" },
    { key: "k:string", event: "del", type: "empty", value: null },
    { key: "k:zset", event: "zadd", type: "zset", value: [{ member: "m", score: 1.5 }] },
  ]);
});

Deno.test("filters: keyTypes, commands, readValue: false", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("RPUSH", "hashes", JSON.stringify(r)))
      .register({ prefix: "k:*", keyTypes: ["hash"], readValue: false });
     GB("KeysReader").forEach((r) => execute("RPUSH", "counters", r.key + " " + r.event))
      .register({ prefix: "k:*", commands: ["INCR", "hincrby"], name: "counters" })`,
  );
  for (
    const command of [
      ["SET", "k:1", "1"],
      ["HSET", "k:2", "f", "1"],
      ["INCR", "k:1"],
      ["HINCRBY", "k:2", "f", "1"],
      ["DEL", "k:2"],
      ["DECR", "k:3"],
    ]
  ) {
    await test.ask(...command);
    // Types are those when the event is run: one after the other.
    await waitUntil(() => info(test).backlog === 0 && info(test, 1).backlog === 0);
    if (command[0] === "HINCRBY") {
      await waitUntil(async () => Number(await test.ask("LLEN", "hashes")) === 2);
    }
  }
  await waitUntil(async () => Number(await test.ask("LLEN", "counters")) === 3);
  await waitUntil(async () => Number(await test.ask("LLEN", "hashes")) === 2);
  assertEquals(
    (await test.ask("LRANGE", "hashes", "0", "-1") as string[]).map((text) => JSON.parse(text)),
    [{ key: "k:2", event: "hset" }, { key: "k:2", event: "hincrby" }],
  );
  // DECR is an incrby, too: a notification does not say which command caused it.
  assertEquals(await test.ask("LRANGE", "counters", "0", "-1"), [
    "k:1 incrby",
    "k:2 hincrby",
    "k:3 incrby",
  ]);
  await waitUntil(() => info(test).numSuccess === 2);
  assertEquals([info(test).numTriggered, info(test, 1).numTriggered], [2, 3]);
});

Deno.test("order per key, while different keys overlap", async () => {
  await using test = await startEngine();
  await register(
    test,
    `let running = 0, most = 0;
     GB("KeysReader").map(async (r) => {
       most = Math.max(most, ++running);
       await new Promise((resolve) => setTimeout(resolve, Number(r.key.slice(-1))));
       await execute("RPUSH", "order:" + r.key, r.event);
       await execute("SET", "most", most);
       running--;
     }).register({ prefix: "k:*", readValue: false })`,
  );
  const events = ["rpush", "lpush", "lset", "linsert", "ltrim"];
  const commands = Array.from({ length: 10 }, (_, key) => [
    ["RPUSH", `k:${key}`, "a"],
    ["LPUSH", `k:${key}`, "b"],
    ["LSET", `k:${key}`, "0", "c"],
    ["LINSERT", `k:${key}`, "BEFORE", "a", "d"],
    ["LTRIM", `k:${key}`, "0", "1"],
  ]);
  for (let step = 0; step < 5; step++) await test.pipeline(commands.map((of) => of[step]));
  await waitUntil(() => info(test).numSuccess === 50);
  for (let key = 0; key < 10; key++) {
    assertEquals(await test.ask("LRANGE", `order:k:${key}`, "0", "-1"), events);
  }
  assert(Number(await test.ask("GET", "most")) > 1);
});

Deno.test("keymiss fires who names it; the reads of functions fire nobody else", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("RPUSH", "log", r.event + " " + r.type)).register({ prefix: "m:*", eventTypes: ["keymiss"] });
     GB("KeysReader").forEach((r) => execute("INCR", "all")).register({ prefix: "m:*", name: "all" })`,
  );
  await test.ask("GET", "m:1");
  await waitUntil(async () => await test.ask("LLEN", "log") === 1);
  assertEquals(await test.ask("LRANGE", "log", "0", "-1"), ["keymiss empty"]);
  await test.ask("SET", "m:1", "v");
  await test.ask("DEL", "m:1");
  await untilCount(test, "all", 2);
  assertEquals(info(test, 1).numTriggered, 2);
});

Deno.test("what can never fire is refused, with the reason", async () => {
  await using test = await startEngine();
  for (
    const [options, reason] of [
      [`{ eventTypes: [] }`, "eventTypes"],
      [`{ eventTypes: ["hset"], commands: ["set"] }`, "never fire"],
      [`{ commands: ["ping"] }`, "ping"],
    ]
  ) {
    const error = await assertRejects(
      () => register(test, `GB("KeysReader").count().register(${options})`),
      PinionError,
    );
    assertStringIncludes(error.message, reason);
  }
  assertEquals(test.engine.listRegistrations(), []);
});

Deno.test("debounce: only the last event of a key, once it is quiet", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach((r) => execute("RPUSH", "seen", r.key + "=" + r.value)).register({ prefix: "k:*", debounceMs: 100 })`,
  );
  for (let value = 1; value <= 20; value++) {
    await test.ask("SET", "k:1", value);
    if (value % 2) await test.ask("SET", "k:2", value);
  }
  await waitUntil(async () => await test.ask("LLEN", "seen") === 2);
  assertEquals(
    (await test.ask("LRANGE", "seen", "0", "-1") as string[]).toSorted(),
    ["k:1=20", "k:2=19"],
  );
  assertEquals(info(test).numTriggered, 2);
});

Deno.test("rate: executions begin no faster", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach(() => execute("RPUSH", "times", Date.now())).register({ prefix: "k:*", ratePerSecond: 50 })`,
  );
  await test.pipeline(Array.from({ length: 60 }, (_, index) => ["SET", `k:${index}`, "v"]));
  await waitUntil(() => info(test).numSuccess === 60);
  const times = (await test.ask("LRANGE", "times", "0", "-1") as string[]).map(Number);
  const tookMs = times.at(-1)! - times[0];
  // 55 of them wait for their turn: 20 ms each.
  assert(tookMs >= 1_000, `${tookMs} ms`);
});

Deno.test("an isolate that is killed: events are run again, each at least once", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").map(async (r) => {
       await new Promise((resolve) => setTimeout(resolve, 5));
       await execute("SADD", "seen", r.key);
     }).register({ prefix: "k:*", readValue: false })`,
  );
  for (let all = 400; all <= 800; all += 400) {
    await test.pipeline(
      Array.from({ length: 400 }, (_, index) => ["SET", `k:${all + index}`, "v"]),
    );
    await waitUntil(async () => Number(await test.ask("SCARD", "seen")) > all - 350);
    for (const pid of await isolatePids()) Deno.kill(pid, "SIGKILL");
    await waitUntil(async () => await test.ask("SCARD", "seen") === all, 40_000);
  }
});

Deno.test("an event that kills the isolate is given up, the others are run", async () => {
  await using test = await startEngine({ limits: { memoryMb: 128 } });
  await register(
    test,
    `GB("KeysReader").map(async (r) => {
       if (r.key === "k:77") { const all = []; while (true) all.push(new Uint8Array(8e6).fill(1)); }
       await execute("SADD", "seen", r.key);
     }).register({ prefix: "k:*", readValue: false })`,
  );
  await test.pipeline(Array.from({ length: 200 }, (_, index) => ["SET", `k:${index}`, "v"]));
  await waitUntil(async () => await test.ask("SCARD", "seen") === 199, 60_000);
  await waitUntil(() => info(test).numSuccess === 199 && info(test).backlog === 0);
  assert(info(test).numAborted >= 1);
});

Deno.test("Redis restarted: events are taken again, and the gap is shown", async () => {
  await using test = await startEngine({ server: { persistence: true } });
  await register(
    test,
    `GB("KeysReader").forEach(() => execute("INCR", "count")).register({ prefix: "k:*", readValue: false })`,
  );
  await test.ask("SET", "k:1", "v");
  await untilCount(test, "count", 1);
  await test.redis.restart();
  await waitUntil(async () => {
    await test.ask("SET", "k:2", "v").catch(() => {});
    return Number(await test.ask("GET", "count").catch(() => 0)) >= 2;
  }, 15_000);
  assertStringIncludes(info(test).source, "1 interruption");
});

Deno.test("pause, resume, restart of the runtime, unregister", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").forEach(() => execute("INCR", "count")).register({ prefix: "k:*", readValue: false })`,
    "mine",
  );
  await test.ask("SET", "k:1", "v");
  await untilCount(test, "count", 1);
  const { id } = info(test);
  await test.engine.pauseRegistrations([id], "pause");
  await test.ask("SET", "k:1", "v");
  await test.engine.resumeRegistrations([id]);
  await test.ask("SET", "k:1", "v");
  await untilCount(test, "count", 2);
  await test.restart();
  await waitUntil(async () => {
    await test.ask("SET", "k:1", "v");
    return Number(await test.ask("GET", "count")) >= 3;
  });
  assertEquals(info(test).id, id);
  await waitUntil(() => info(test).numSuccess === info(test).numTriggered);
  await test.engine.unregister(id, { abortPending: false });
  const setting = await test.ask("GET", "count");
  await test.ask("SET", "k:1", "v");
  assertEquals(test.engine.listRegistrations(), []);
  assertEquals(await test.ask("GET", "count"), setting);
});

Deno.test("a function that does not keep up: what waits is bounded, merged and shown", async () => {
  await using test = await startEngine();
  await register(
    test,
    `GB("KeysReader").map(async (r) => {
       await new Promise((resolve) => setTimeout(resolve, 1_000));
       await execute("INCR", "count");
     }).register({ prefix: "k:*", readValue: false, concurrency: 1 })`,
  );
  for (let from = 0; from < 300_000; from += 20_000) {
    await test.pipeline(
      Array.from({ length: 20_000 }, (_, index) => ["SET", `k:${(from + index) % 1_000}`, "v"]),
    );
    assert(info(test).backlog! <= 250_000);
  }
  await waitUntil(() => info(test).source.includes("merged"), 20_000);
  assert(info(test).backlog! < 60_000);
  assertEquals(info(test).numSkipped, 0);
  assert(test.logs.some((line) => line.includes("too many wait")));
  await test.engine.unregister(info(test).id, { abortPending: true });
});
