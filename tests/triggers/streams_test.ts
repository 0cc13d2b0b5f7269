import { assertEquals } from "@std/assert";
import { deploy } from "../engine/library_calls.ts";
import { engineSuite } from "../support/engine_suite.ts";
import type { TestEngine } from "../support/start_engine.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Deploys a module that registers. */
async function register(test: TestEngine, source: string, name = "lib"): Promise<void> {
  const imports = 'import { GB, execute, flatError, NonRetryableError } from "pinion";\n';
  await deploy(test, imports + source, { name, upgrade: true });
}

/** Adds messages with the field `n` from `from` on. */
async function add(test: TestEngine, key: string, count: number, from = 0): Promise<void> {
  await test.pipeline(
    Array.from({ length: count }, (_, index) => ["XADD", key, "*", "n", from + index]),
  );
}

/** Waits until a list has so many elements; all of them. */
async function elements(test: TestEngine, key: string, count: number): Promise<unknown[]> {
  await waitUntil(async () => await test.ask("LLEN", key) as number >= count, 15_000);
  return await test.ask("LRANGE", key, 0, -1) as unknown[];
}

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `${from + index}`);

engineSuite("events of streams", {
  "each message runs once, in order, and is deleted": async (test) => {
    await add(test, "s", 5);
    await register(
      test,
      `GB("StreamReader").forEach((r) => execute("RPUSH", "seen", r.value.n))
        .register({ prefix: "s" });`,
    );
    await add(test, "s", 2_000, 5);
    assertEquals(await elements(test, "seen", 2_005), numbers(2_005));
    await waitUntil(async () => await test.ask("XLEN", "s") === 0);
    await test.engine.undeploy("lib");
  },
});
