import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { engineSuite } from "../../support/engine_suite.ts";
import { isolatePids } from "../../support/isolate_processes.ts";
import { isRunning } from "../../support/process_list.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Code that does not end by itself, after three results. */
const ENDLESS: Readonly<Record<string, string>> = {
  "a busy loop": "for (;;);",
  "a promise that nobody settles": "await new Promise(() => {});",
  "commands without end": `for (;;) await execute("PING");`,
  "a flood of messages": `for (;;) { log("x"); await 0; }`,
};

function runOf(endless: string): string {
  return `GB("GeneratorReader").map(async (n) => {
    if (n < 2000) return n;
    await execute("SET", "reached", 1);
    ${endless}
  }).run(function* () { for (let n = 0;; n++) yield n; }, { window: 100 });`;
}

/** Starts a run, waits until it hangs; its execution and process. */
async function startEndless(
  test: TestEngine,
  endless: string,
): Promise<{ id: string; pid: number }> {
  const outcome = await test.engine.scripts.run(runOf(endless), { unblocking: true });
  assert(outcome.kind === "started");
  await waitUntil(async () => await test.ask("EXISTS", "reached") === 1);
  const [pid, ...others] = await isolatePids();
  assertEquals(others, []);
  return { id: outcome.executionId, pid };
}

engineSuite("engine: abort", {
  ...Object.fromEntries(
    Object.entries(ENDLESS).map(([name, endless]) => [
      `ends ${name} at once, and its process`,
      async (test: TestEngine) => {
        const { id, pid } = await startEndless(test, endless);
        const started = performance.now();
        await test.engine.executions.abort(id);
        assertLess(performance.now() - started, 300);
        assertEquals(await isRunning(pid), false);
        const info = await test.engine.executions.get(id);
        assertEquals(info.status, "aborted");
        assertEquals(info.abortReason?.code, "EXECUTION_ABORTED");
        await waitUntil(() => test.engine.scripts.listSessions().length === 0);
      },
    ]),
  ),

  "keeps the results that came before": async (test) => {
    const { id } = await startEndless(test, "for (;;);");
    await test.engine.executions.abort(id);
    const { results, errors } = test.engine.executions.results(id);
    assertEquals(results.slice(0, 1_000), Array.from({ length: 1_000 }, (_, n) => n));
    assertEquals(errors, ["The execution was aborted"]);
    assertEquals((await test.engine.executions.get(id)).shards[0].results, results.length);
    test.engine.executions.drop(id);
  },

  "of one that is over changes nothing": async (test) => {
    const outcome = await test.engine.scripts.run(`GB("ShardsIDReader").run()`, {
      unblocking: true,
    });
    assert(outcome.kind === "started");
    await test.engine.executions.waitForResults(outcome.executionId);
    await test.engine.executions.abort(outcome.executionId);
    assertEquals((await test.engine.executions.get(outcome.executionId)).status, "done");
  },

  "a blocking caller hears of it": async (test) => {
    const running = test.engine.scripts.run(runOf("for (;;);"), {});
    await waitUntil(async () => await test.ask("EXISTS", "reached") === 1);
    const { executionId } = test.engine.executions.list().at(-1)!;
    const rejected = assertRejects(() => running, PinionError, "The execution was aborted");
    await test.engine.executions.abort(executionId);
    assertEquals((await rejected).code, "EXECUTION_ABORTED");
  },

  "a caller that goes away ends its script": async (test) => {
    for (const source of [runOf("for (;;);"), `await execute("SET", "reached", 1); for (;;);`]) {
      await test.ask("DEL", "reached");
      const before = test.engine.executions.list().length;
      const gone = new AbortController();
      const running = test.engine.scripts.run(source, {}, gone.signal);
      const rejected = assertRejects(() => running, PinionError, "its caller went away");
      await waitUntil(async () => await test.ask("EXISTS", "reached") === 1);
      const started = performance.now();
      gone.abort();
      assertEquals((await rejected).code, "EXECUTION_ABORTED");
      assertLess(performance.now() - started, 300);
      await waitUntil(() => test.engine.scripts.listSessions().length === 0);
      assertEquals(test.engine.executions.list().length, before);
    }
  },

  "a caller that is gone already starts nothing": async (test) => {
    const running = test.engine.scripts.run(`execute("SET", "k", 1);`, {}, AbortSignal.abort());
    await assertRejects(() => running, PinionError, "its caller went away");
    assertEquals(test.engine.scripts.listSessions(), []);
    assertEquals(await test.ask("EXISTS", "k"), 0);
  },
}, { isolates: { prestarted: 0 } });
