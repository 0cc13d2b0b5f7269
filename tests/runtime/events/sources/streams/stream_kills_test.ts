import { assert, assertEquals } from "@std/assert";
import { ManagedServer } from "../../../../../servers/managed_server.ts";
import { connectRedis } from "../../../../cli/redis_client.ts";
import { startRuntime } from "../../../../cli/runtime_process.ts";
import { isolatePids } from "../../../../support/isolate_processes.ts";
import { startEngine, type TestEngine } from "../../../../support/start_engine.ts";
import { waitUntil } from "../../../../support/wait_until.ts";
import { add, numbers, register } from "./stream_calls.ts";

const MESSAGES = 50_000;
/** Each kill comes when so many effects are there. */
const KILLS = [10_000, 22_000, 34_000];
/** The window slows it down, so that a kill comes while it flows. */
const SOURCE = `GB("StreamReader").forEach((r) => execute("RPUSH", "seen", r.value.n))
  .register({ prefix: "s", name: "flow", window: 8 });`;
const DEADLINE_MS = 60_000;

type Ask = TestEngine["ask"];

/** How many effects there are; 0 while Redis does not answer. */
async function effects(ask: Ask): Promise<number> {
  return await ask("LLEN", "seen").then(Number, () => 0);
}

/** Does something whenever so many effects are there. */
async function atEach(ask: Ask, marks: readonly number[], act: () => Promise<void>): Promise<void> {
  for (const mark of marks) {
    await waitUntil(async () => await effects(ask) >= mark, DEADLINE_MS);
    await act();
  }
}

/** Every message has had its effect, in order but for where it began again after a kill. */
async function check(ask: Ask, what: string): Promise<void> {
  await waitUntil(async () => {
    return await effects(ask) >= MESSAGES && await ask("XLEN", "s") === 0;
  }, DEADLINE_MS);
  const seen = (await ask("LRANGE", "seen", 0, -1) as string[]).map(Number);
  const duplicates = seen.length - MESSAGES;
  const restarts = seen.filter((n, index) => index > 0 && n <= seen[index - 1]).length;
  console.log(`    ${what}: ${duplicates} duplicates, began again ${restarts} times`);
  assertEquals(new Set(seen).size, MESSAGES);
  assert(restarts <= KILLS.length, `expected at most ${KILLS.length} restarts, got ${restarts}`);
}

/** Has Redis keep for sure what is there now. */
async function persist(ask: Ask): Promise<void> {
  await ask("CONFIG", "SET", "appendfsync", "always");
  await ask("SET", "begun", "1");
  await ask("CONFIG", "SET", "appendfsync", "everysec");
}

Deno.test("50,000 messages flow while isolates are killed", async () => {
  await using test = await startEngine();
  const ask: Ask = (...command) => test.ask(...command);
  await add(test, "s", MESSAGES);
  await register(test, SOURCE);
  await atEach(ask, KILLS, async () => {
    for (const pid of await isolatePids()) Deno.kill(pid, "SIGKILL");
  });
  await check(ask, "kill -9 of the isolate");
});

Deno.test("50,000 messages flow while the runtime is killed", async () => {
  await using redis = await ManagedServer.start({ persistence: true });
  await using client = connectRedis(redis.url);
  const ask =
    (async (command: string, ...args: (string | number)[]) =>
      await client.call(command, ...args)) as Ask;
  const args = ["--redis", redis.url];
  let runtime = await startRuntime(args);
  try {
    for (let from = 0; from < MESSAGES; from += 1_000) {
      await Promise.all(numbers(1_000, from).map((n) => ask("XADD", "s", "*", "n", n)));
    }
    const source = `import { execute, GB } from "pinion"; ${SOURCE}`;
    const deployed = await fetch(`${runtime.url}/v1/libraries/lib`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source }),
    });
    assertEquals(deployed.status, 201, await deployed.text());
    await atEach(ask, KILLS, async () => {
      await runtime.stop("SIGKILL");
      runtime = await startRuntime(args);
    });
    await check(ask, "kill -9 of the runtime");
  } finally {
    await runtime.stop();
  }
});

Deno.test({
  name: "50,000 messages flow while Redis is killed",
  // A client of ioredis that finds the server loading leaves its timer behind when it is closed. So
  // this test is the last one of its file.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using test = await startEngine({ server: { persistence: true } });
    const ask: Ask = (...command) => test.ask(...command);
    await add(test, "s", MESSAGES);
    await register(test, SOURCE);
    await persist(ask);
    await atEach(ask, KILLS, async () => {
      test.redis.kill("SIGKILL");
      await test.redis.restart();
    });
    await check(ask, "kill -9 of redis-server");
  },
});
