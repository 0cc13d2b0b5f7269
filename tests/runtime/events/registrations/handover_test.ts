import { assert, assertEquals } from "@std/assert";
import { engineSuite } from "../../../support/engine_suite.ts";
import { startEngine, type TestEngine } from "../../../support/start_engine.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { addMessages, deployModule, registerScript, undeployAll } from "../registering.ts";

/** Counts how often each message has its effect, and writes down which version did it. */
const version = (n: number, options = "") =>
  `GB("StreamReader").forEach(async (r) => {
     await Promise.all([
       execute("HINCRBY", "effects", r.value.n, 1),
       execute("RPUSH", "order", r.value.n),
       execute("HINCRBY", "versions", "v${n}", 1),
     ]);
   }).register({ prefix: "s", name: "effects" ${options} });`;

/** Adds messages until `body` has ended; how many. */
async function whileAdding(test: TestEngine, body: () => Promise<void>): Promise<number> {
  let isOver = false;
  let count = 0;
  const ended = body().finally(() => isOver = true);
  ended.catch(() => {});
  while (!isOver) {
    await addMessages(test, "s", 10, count);
    count += 10;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await ended;
  return count;
}

/** Effects by message, once each of `count` has one. */
async function effectsOf(test: TestEngine, count: number): Promise<number[]> {
  await waitUntil(async () => await test.ask("HLEN", "effects") === count, 30_000);
  return (await test.ask("HVALS", "effects") as string[]).map(Number);
}

async function assertOnceInOrder(test: TestEngine, count: number): Promise<void> {
  const effects = await effectsOf(test, count);
  assertEquals(effects.filter((times) => times !== 1), []);
  await waitUntil(async () => await test.ask("LLEN", "order") === count);
  const order = (await test.ask("LRANGE", "order", 0, -1) as string[]).map(Number);
  assertEquals(order, Array.from({ length: count }, (_, index) => index));
}

engineSuite("registrations: hand-over", {
  "upgrades under load: no message is lost, none is run by two versions": async (test) => {
    await deployModule(test, version(1));
    const count = await whileAdding(test, async () => {
      for (let n = 2; n <= 5; n++) await deployModule(test, version(n));
      await test.engine.rollback("lib", 1);
    });
    await assertOnceInOrder(test, count);
    const versions = await test.ask("HKEYS", "versions") as string[];
    assert(versions.length > 1, `${versions}`);
    await undeployAll(test);
  },

  "a version that waits in another way goes on where the one before was": async (test) => {
    await deployModule(test, version(1));
    const count = await whileAdding(test, async () => {
      await deployModule(test, version(2, ", batch: 7, duration: 1"));
      await deployModule(test, version(3, ", onFailedPolicy: 'retry'"));
      await deployModule(test, version(4, ", mode: 'sync'"));
    });
    await assertOnceInOrder(test, count);
    await undeployAll(test);
  },

  "a script that takes another one's place goes on where that was": async (test) => {
    await registerScript(test, version(1), { id: "one" });
    const count = await whileAdding(test, async () => {
      await registerScript(test, version(2), { id: "two", replaceWith: "one" });
      await registerScript(test, version(3), { id: "two", upgrade: true });
      await registerScript(test, version(4), { id: "three", replaceWith: "two" });
    });
    await assertOnceInOrder(test, count);
    assertEquals(test.engine.listRegistrations().map(({ library }) => library), ["three"]);
    await undeployAll(test);
  },

  "restarts under load: nothing is lost": async (test) => {
    await deployModule(test, version(1));
    const count = await whileAdding(test, async () => {
      for (let n = 0; n < 3; n++) await test.restart();
    });
    const effects = await effectsOf(test, count);
    assert(effects.every((times) => times >= 1));
    await undeployAll(test);
  },

  "calls of a trigger are answered while it is upgraded": async (test) => {
    const answering = (n: number) =>
      `GB("CommandReader").map(([, text]) => text + ":${n}").register({ trigger: "t", name: "t" });`;
    await deployModule(test, answering(1));
    const answers: string[] = [];
    let isOver = false;
    const calling = Array.from({ length: 4 }, async (_, caller) => {
      for (let n = 0; !isOver; n++) {
        const { results, errors } = await test.engine.trigger(["t", `${caller}.${n}`]);
        assertEquals(errors, []);
        assert(`${results[0]}`.startsWith(`${caller}.${n}:`), `${results}`);
        answers.push(`${results[0]}`.split(":")[1]);
      }
    });
    for (let n = 2; n <= 4; n++) await deployModule(test, answering(n));
    isOver = true;
    await Promise.all(calling);
    assert(answers.length > 0 && answers.every((version) => /^[1-4]$/.test(version)));
    assertEquals((await test.engine.trigger(["t", "x"])).results, ["x:4"]);
    await undeployAll(test);
  },

  "events of keys go on while their library is upgraded": async (test) => {
    const counting = (n: number) =>
      `GB("KeysReader").forEach((r) => execute("HINCRBY", "seen", r.key, 1))
         .register({ prefix: "k:*", eventTypes: ["set"], readValue: false, description: "${n}" });`;
    await deployModule(test, counting(1));
    let count = 0;
    let isOver = false;
    const setting = (async () => {
      while (!isOver) {
        await test.pipeline(Array.from({ length: 10 }, () => ["SET", `k:${count++}`, 1]));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    for (let n = 2; n <= 4; n++) await deployModule(test, counting(n));
    isOver = true;
    await setting;
    await waitUntil(async () => await test.ask("HLEN", "seen") === count, 15_000);
    const times = await test.ask("HVALS", "seen") as string[];
    assertEquals(times.filter((one) => one !== "1"), []);
    await undeployAll(test);
  },

  "a clock goes on ticking while its library is upgraded": async (test) => {
    const ticking = (n: number) =>
      `GB("TimeReader").forEach((time) => execute("HINCRBY", "ticks", time, 1))
         .register({ everyMs: 20, description: "${n}" });`;
    await deployModule(test, ticking(1));
    const [{ id }] = test.engine.listRegistrations();
    for (let n = 2; n <= 4; n++) await deployModule(test, ticking(n));
    const before = await test.ask("HLEN", "ticks") as number;
    await waitUntil(async () => await test.ask("HLEN", "ticks") as number > before + 5);
    const times = await test.ask("HVALS", "ticks") as string[];
    assertEquals(times.filter((one) => one !== "1"), []);
    assertEquals(test.engine.listRegistrations().map((one) => one.id), [id]);
    await undeployAll(test);
  },

  "changes at the same time leave one whole version": async (test) => {
    await registerScript(test, version(0), { id: "lib" });
    const sources = Array.from({ length: 6 }, (_, n) => version(n + 1));
    const settled = await Promise.allSettled(
      sources.map((source, n) =>
        n % 2 === 0
          ? deployModule(test, source)
          : registerScript(test, source, { id: "lib", upgrade: true })
      ),
    );
    assert(settled.some(({ status }) => status === "fulfilled"));
    const ids = test.engine.listRegistrations().map(({ id }) => id);
    assertEquals(ids.length, 1);
    await addMessages(test, "s", 10);
    await assertOnceInOrder(test, 10);
    const before = test.engine.listRegistrations();
    await test.restart();
    assertEquals(test.engine.listRegistrations().map(({ id }) => id), before.map(({ id }) => id));
    await Promise.allSettled([
      deployModule(test, version(9)),
      test.engine.unregister(ids[0], { abortPending: true }),
      test.engine.undeploy("lib"),
      test.engine.rollback("lib"),
    ]);
    assertEquals(test.engine.listRegistrations(), []);
    assertEquals(test.engine.listSessions(), []);
    await undeployAll(test);
  },
});

Deno.test("registrations: Redis restarts with its append-only file", async () => {
  await using test = await startEngine({ server: { persistence: true } });
  const once = `, onRegistered: () => execute("INCR", "registered")`;
  await deployModule(test, version(1, once));
  const before = test.engine.listRegistrations().map(({ id }) => id);
  await addMessages(test, "s", 100);
  await effectsOf(test, 100);
  await test.redis.restart();
  await waitUntil(async () => (await test.engine.health()).redis === "up");
  await addMessages(test, "s", 100, 100);
  const effects = await effectsOf(test, 200);
  assert(effects.every((times) => times >= 1));
  assertEquals(test.engine.listRegistrations().map(({ id }) => id), before);
  await test.restart();
  await addMessages(test, "s", 100, 200);
  await effectsOf(test, 300);
  assertEquals(test.engine.listRegistrations().map(({ id }) => id), before);
  assertEquals(await test.ask("GET", "registered"), "1");
});
