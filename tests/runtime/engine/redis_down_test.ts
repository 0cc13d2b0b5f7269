import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { startEngine, type TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

const LIBRARY = `import { execute, GearsBuilder } from "pinion";
export async function incr() { return await execute("INCR", "n"); }
export function add({ a, b }) { return a + b; }
export const names = new GearsBuilder("KeysOnlyReader").sort();`;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

async function invoke(test: TestEngine, name: string, input: unknown = null): Promise<unknown> {
  const body = encoder.encode(JSON.stringify(input));
  return JSON.parse(decoder.decode(await test.engine.invoke("lib", name, body)));
}

async function deploy(test: TestEngine, upgrade = false): Promise<void> {
  await test.engine.deploy({
    name: "lib",
    source: LIBRARY,
    manifest: { env: {}, secrets: [], allowNet: [] } as never,
    upgrade,
  });
}

async function waitForHealth(test: TestEngine, redis: "up" | "down"): Promise<void> {
  await waitUntil(async () => (await test.engine.health()).redis === redis);
}

async function failureOf(promise: Promise<unknown>): Promise<PinionError> {
  const started = performance.now();
  const error = await assertRejects(() => promise, PinionError);
  assertLess(performance.now() - started, 1_000);
  return error;
}

Deno.test("Redis goes down and comes back", async (t) => {
  await using test = await startEngine({ server: { persistence: true } });
  await deploy(test);
  assertEquals(await invoke(test, "incr"), 1);

  test.redis.kill("SIGKILL");
  await waitForHealth(test, "down");

  await t.step("while it is down, what needs it is refused at once", async () => {
    const { engine } = test;
    for (
      const promise of [
        engine.runScript(`GB().run()`, {}),
        deploy(test, true),
        engine.undeploy("lib"),
        engine.rollback("lib"),
      ]
    ) assertEquals((await failureOf(promise)).code, "REDIS_UNAVAILABLE");
    assertEquals(engine.listSessions().length, 1);
    assertEquals(engine.listLibraries().map(({ name, version }) => [name, version]), [["lib", 1]]);
  });

  await t.step("while it is down, functions run that do not need it", async () => {
    assertEquals(await invoke(test, "add", { a: 1, b: 2 }), 3);
    const error = await failureOf(invoke(test, "incr"));
    assertEquals(error.code, "FUNCTION_FAILED");
    assertMatch(error.message, /^REDISDOWN Redis cannot be reached/);
    const { results, errors } = await invoke(test, "names") as Record<string, string[]>;
    assertEquals(results, []);
    assertMatch(errors[0], /^REDISDOWN Redis cannot be reached/);
  });

  await test.redis.restart();
  await waitForHealth(test, "up");

  await t.step("when it is back, all works as before", async () => {
    assertEquals(await invoke(test, "incr"), 2);
    assertEquals(await test.results(`GB("KeysOnlyReader").run("n")`), ["n"]);
    await deploy(test, true);
    assertEquals(await invoke(test, "incr"), 3);
    await test.restart();
    assertEquals(test.engine.listLibraries()[0].version, 2);
    assertEquals(await invoke(test, "incr"), 4);
  });
});

Deno.test("Redis goes away in the middle of a run", async (t) => {
  await using test = await startEngine();

  /**
   * Kills Redis once a script has set `reached`, and starts it anew; what the script came to. Redis
   * may have told of the key by then and not yet have answered who set it.
   */
  const runAndKill = async (source: string) => {
    await test.ask("DEL", "reached");
    const running = test.engine.runScript(source, {}).catch((error) => error);
    await waitUntil(async () => await test.ask("EXISTS", "reached") === 1);
    const started = performance.now();
    test.redis.kill("SIGKILL");
    await test.redis.restart();
    const outcome = await running;
    assertLess(performance.now() - started, 5_000);
    await waitForHealth(test, "up");
    return outcome;
  };

  await t.step("a reader ends with an error", async () => {
    await test.pipeline(
      Array.from({ length: 50_000 }, (_, n) => ["SET", `k:${n}`, "x".repeat(500)]),
    );
    const { outcome } = await runAndKill(
      `GB().map(async (r, n) => {
        if (reached) return await new Promise((resolve) => setTimeout(resolve, 1));
        reached = execute("SET", "reached", 1);
      }).count().run("k:*", { window: 50 });
      let reached;`,
    );
    assert(outcome.errors.length >= 1);
    assertMatch(outcome.errors[0], /^REDISDOWN /);
  });

  await t.step("commands fail, all of them, and later ones of the script work again", async () => {
    const { outcome } = await runAndKill(
      `GB("GeneratorReader").map(async () => {
        execute("SET", "reached", 1).catch(() => {});
        const failures = new Set();
        for (;;) {
          const replies = Array.from({ length: 100 }, (_, n) => execute("ECHO", n));
          const settled = await Promise.allSettled(replies);
          for (const [n, one] of settled.entries()) {
            if (one.status === "rejected") failures.add(one.reason.message.slice(0, 10));
            else if (one.value !== String(n)) throw new Error("the reply of another command");
          }
          if (failures.size && settled.every(({ status }) => status === "fulfilled")) break;
        }
        return [[...failures], await execute("ECHO", "again")];
      }).run(() => [0]);`,
    );
    assertEquals(outcome.errors, []);
    assertEquals(outcome.results, [[["REDISDOWN "], "again"]]);
  });

  await t.step("a watched block is tried again over the new connection", async () => {
    const { outcome } = await runAndKill(
      `GB("GeneratorReader").map(async () => {
        for (;;) {
          try {
            return await atomic(["watched"], async (tx) => {
              await execute("SET", "reached", 1);
              for (let n = 0; n < 200; n++) await execute("PING");
              tx.execute("SET", "watched", "done");
            });
          } catch (error) {
            if (!error.message.startsWith("REDISDOWN")) throw error;
          }
        }
      }).run(() => [0]);`,
    );
    assertEquals(outcome.errors, []);
    assertEquals(outcome.results, [["OK"]]);
  });

  await t.step("a script ends where its own commands fail", async () => {
    const error = await runAndKill(
      `execute("SET", "reached", 1).catch(() => {});
       for (;;) await execute("PING");`,
    );
    assertEquals([error.code, error.location.line], ["SCRIPT_FAILED", 2]);
    assertMatch(error.message, /^REDISDOWN /);
    assertEquals(test.engine.listSessions(), []);
  });
});
