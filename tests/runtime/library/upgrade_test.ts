import { assert, assertEquals, assertGreater } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { deploy, invoke, refusal } from "./library_calls.ts";

/** A library whose functions give its version, at once or later. */
function library(version: number): string {
  return `import { execute, GearsBuilder } from "pinion";
    export async function version() { await execute("PING"); return ${version}; }
    export async function slow() {
      await execute("SET", "slow", 1);
      while (!await execute("EXISTS", "go"));
      return ${version};
    }
    export const batch = new GearsBuilder("GeneratorReader", () => [0]).map(async () => {
      await execute("SET", "slow", 1);
      while (!await execute("EXISTS", "go"));
      return ${version};
    });`;
}

engineSuite("engine: upgrade", {
  "loses no invocation": async (test) => {
    await deploy(test, library(1));
    let isOver = false;
    const seen: number[] = [];
    const callers = Array.from({ length: 8 }, async () => {
      while (!isOver) seen.push(await invoke(test, "version"));
    });
    for (let version = 2; version <= 8; version++) {
      const before = seen.length;
      await deploy(test, library(version), { upgrade: true });
      await waitUntil(() => seen.length > before + 20);
    }
    await test.engine.rollback("lib");
    const before = seen.length;
    await waitUntil(() => seen.length > before + 20);
    isOver = true;
    await Promise.all(callers);
    assertEquals([...new Set(seen)].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assertGreater(seen.length, 100);
    assertEquals(seen.at(-1), 7);
    await waitUntil(() => test.engine.listSessions().length === 1);
  },

  "what runs in the old version ends there": async (test) => {
    await deploy(test, library(1), { upgrade: true });
    for (const name of ["slow", "batch"]) {
      await test.ask("DEL", "slow", "go");
      await deploy(test, library(1), { upgrade: true });
      const running = invoke(test, name);
      await waitUntil(async () => await test.ask("EXISTS", "slow") === 1);
      await deploy(test, library(2), { upgrade: true });
      assertEquals(await invoke(test, "version"), 2);
      const sessions = () =>
        test.engine.listSessions().map(({ dead, refCount }) => [dead, refCount]);
      await waitUntil(() => sessions().length === 2);
      assertEquals(sessions(), [[true, 1], [false, 0]]);
      await test.ask("SET", "go", 1);
      const result = await running;
      assertEquals(name === "slow" ? result : result.results[0], 1);
      await waitUntil(() => sessions().length === 1);
    }
  },

  "what runs in a library that another replaces ends there": async (test) => {
    await deploy(test, library(1), { name: "old" });
    const running = invoke(test, "old/slow");
    await waitUntil(async () => await test.ask("EXISTS", "slow") === 1);
    await deploy(test, library(2), { name: "new", replaceWith: "old" });
    await refusal(invoke(test, "old/version"), "NO_LIBRARY");
    await test.ask("SET", "go", 1);
    assertEquals(await running, 1);
  },

  "what runs in a library that is undeployed ends at once": async (test) => {
    await deploy(test, library(1), { name: "gone" });
    const running = refusal(invoke(test, "gone/slow"), "NO_LIBRARY");
    await waitUntil(async () => await test.ask("EXISTS", "slow") === 1);
    await test.engine.undeploy("gone");
    const error = await running;
    assertEquals(error.message, "Library gone was undeployed");
    assert(test.engine.listSessions().every(({ id }) => id !== "gone"));
  },
});
