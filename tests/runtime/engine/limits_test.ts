import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { engineSuite } from "../../support/engine_suite.ts";
import { isolatePids } from "../../support/isolate_processes.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Short ones: what they stop would go on for ever. */
const LIMITS = {
  executionTimeoutMs: 400,
  invocationTimeoutMs: 300,
  loadTimeoutMs: 1_000,
  resultBytes: 1_000_000,
};

/** Ways to use up memory, in a callback. */
const BOMBS: Readonly<Record<string, string>> = {
  "objects": "for (let n = 0;; n++) kept.push({ n, text: 'x' + n });",
  "buffers": "for (;;) kept.push(new Uint8Array(1e6).fill(1));",
  "text": "let text = 'x'; for (;;) kept.push((text += text) + kept.length, text.at(-1));",
  "promises that wait":
    "for (;;) { kept.push(new Promise(() => {}), Array(1e4).fill(0)); await 0; }",
};

/** Code that goes on for ever. */
const ENDLESS = ["for (;;);", "await new Promise(() => {});", "for (;;) await execute('PING');"];

function inRun(body: string): string {
  return `const kept = []; GB("GeneratorReader").map(async () => { ${body} }).run(() => [0]);`;
}

async function failureOf(test: TestEngine, source: string): Promise<PinionError> {
  return await assertRejects(() => test.engine.runScript(source, {}), PinionError);
}

async function expectNothingLeft(test: TestEngine): Promise<void> {
  await waitUntil(() => test.engine.listSessions().length === 0);
  assertEquals(test.engine.listExecutions(), []);
  await waitUntil(async () => (await isolatePids()).length === 1);
}

engineSuite("engine: limit of memory", {
  "a bomb is stopped, whatever it is made of": async (test) => {
    for (const [name, bomb] of Object.entries(BOMBS)) {
      const error = await failureOf(test, inRun(bomb));
      assertEquals(error.code, "LIMIT_MEMORY", `${name}: ${error.message}`);
      await expectNothingLeft(test);
    }
    const atTopLevel = await failureOf(test, `const kept = []; ${BOMBS.buffers}`);
    assertEquals(atTopLevel.code, "LIMIT_MEMORY");
    assertMatch(atTopLevel.message, /it used \d+ MiB of memory, the limit is 100 MiB|heap is full/);
  },
}, { limits: { memoryMb: 100 } });

engineSuite("engine: limits of time and results", {
  "time: what never ends is stopped": async (test) => {
    for (const body of ENDLESS) {
      for (const source of [inRun(body), body]) {
        const started = performance.now();
        const error = await failureOf(test, source);
        assertEquals(error.code, "LIMIT_TIME", source);
        assertLess(performance.now() - started, 2_000);
      }
    }
    await expectNothingLeft(test);
  },

  "time: an unblocking run is aborted, with the results it has": async (test) => {
    const outcome = await test.engine.runScript(
      `GB("GeneratorReader").map(async (n) => n < 1000 ? n : await new Promise(() => {}))
        .run(function* () { for (let n = 0;; n++) yield n; }, { window: 10 })`,
      { unblocking: true },
    );
    assert(outcome.kind === "started");
    const { results, errors } = await test.engine.waitForResults(outcome.executionId);
    assertEquals(results.length, 1_000);
    assertEquals(errors, [
      "The function was stopped: an execution took longer than 400 ms (executionTimeoutMs)",
    ]);
    const info = await test.engine.getExecution(outcome.executionId);
    assertEquals([info.status, info.abortReason?.code], ["aborted", "LIMIT_TIME"]);
    test.engine.dropExecution(outcome.executionId);
    await expectNothingLeft(test);
  },

  "results: too many and too large ones are stopped": async (test) => {
    const runs = [
      `GB("GeneratorReader").run(function* () { for (let n = 0;; n++) yield "result " + n; })`,
      `GB("GeneratorReader").map(() => "x".repeat(2e6)).run(() => [0])`,
      `GB("GeneratorReader").map(() => new Uint8Array(3e6)).run(() => [0, 1, 2])`,
      `GB("GeneratorReader").flatMap(() => Array(50).fill("x".repeat(1e5))).run(() => [0])`,
    ];
    for (const run of runs) {
      const error = await failureOf(test, run);
      assertEquals(error.code, "LIMIT_RESULT", run);
      assertMatch(error.message, /results are larger than 1000000 bytes \(resultBytes\)/);
    }
    await expectNothingLeft(test);
    const count = await test.results(
      `GB("GeneratorReader").count().run(function* () { for (let n = 0; n < 2e5; n++) yield n; })`,
    );
    assertEquals(count, [200_000]);
  },
}, { limits: LIMITS });

engineSuite("engine: limit of isolates", {
  "more than may be are refused, then there is room again": async (test) => {
    const waiting = `while (!await execute("EXISTS", "go"));`;
    const running = Array.from({ length: 3 }, () => test.engine.runScript(waiting, {}));
    await waitUntil(() => test.engine.listSessions().length === 3);
    const settled = await Promise.allSettled(
      Array.from({ length: 4 }, () => test.engine.runScript("1;", {})),
    );
    const refused = settled.filter(({ status }) => status === "rejected");
    assert(refused.length > 0);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      assertEquals(reason.code, "LIMIT_ISOLATES");
    }
    assert((await isolatePids()).length <= 3);
    await test.ask("SET", "go", 1);
    for (const outcome of await Promise.all(running)) assertEquals(outcome.kind, "ok");
    await test.engine.runScript("1;", {});
    await expectNothingLeft(test);
  },
}, { isolates: { maxIsolates: 3 } });
