import { assert, assertEquals, assertGreater, assertMatch, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import type { ExecutionProgress } from "../../../runtime/engine/engine.ts";
import { engineSuite } from "../../support/engine_suite.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Starts a script without waiting for its run; the id of its execution. */
async function start(test: TestEngine, source: string): Promise<string> {
  const outcome = await test.engine.runScript(source, { unblocking: true });
  assert(outcome.kind === "started");
  return outcome.executionId;
}

/** A run that goes on until the key `go` exists. */
const UNTIL_GO = `GB("GeneratorReader").map(async (n) => {
  while (n === 1 && !await execute("EXISTS", "go"));
  return n;
}).run(() => [0, 1, 2]);`;

function codeOf(call: () => unknown): string {
  return assertThrows(call, PinionError).code;
}

engineSuite("engine: executions", {
  "have ids that count from 0 with the shard's id": async (test) => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await start(test, `GB("ShardsIDReader").run()`));
    assertEquals(ids, [0, 1, 2].map((n) => `${"0".repeat(40)}-${n}`));
    for (const id of ids) {
      await test.engine.waitForResults(id);
      test.engine.dropExecution(id);
    }
  },

  "a script without run is ok, a blocking one leaves no execution": async (test) => {
    assertEquals(await test.engine.runScript("1 + 1;", {}), { kind: "ok" });
    assertEquals(await test.engine.runScript("", { unblocking: true }), { kind: "ok" });
    assertEquals(await test.results(`GB("ShardsIDReader").run()`), ["1"]);
    assertEquals(test.engine.listExecutions(), []);
  },

  "an unblocking one is listed while it runs and afterwards": async (test) => {
    const { engine } = test;
    const executionId = await start(test, UNTIL_GO);
    assertEquals(engine.listExecutions(), [{ executionId, status: "running", registered: false }]);
    assertEquals(engine.listSessions().map(({ refCount, dead }) => [refCount, dead]), [[1, false]]);
    assertEquals(codeOf(() => engine.getResults(executionId)), "EXECUTION_RUNNING");
    assertEquals(codeOf(() => engine.dropExecution(executionId)), "EXECUTION_RUNNING");
    const { shards: [running] } = await engine.getExecution(executionId);
    assertEquals([running.results, running.errors], [-1, []]);
    await test.ask("SET", "go", 1);
    const outcome = await engine.waitForResults(executionId);
    assertEquals(outcome, { results: [0, 1, 2], errors: [], convertToStr: true });
    assertEquals(engine.getResults(executionId), outcome);
    assertEquals(engine.listExecutions(), [{ executionId, status: "done", registered: false }]);
    await waitUntil(() => engine.listSessions().length === 0);
    engine.dropExecution(executionId);
    assertEquals(engine.listExecutions(), []);
  },

  "unknown ids are refused": async (test) => {
    const { engine } = test;
    for (const id of ["x", `${"0".repeat(40)}-999999`]) {
      assertEquals(codeOf(() => engine.getResults(id)), "NO_EXECUTION");
      assertEquals(codeOf(() => engine.dropExecution(id)), "NO_EXECUTION");
      const rejected = [
        engine.abortExecution(id),
        engine.waitForResults(id),
        engine.getExecution(id),
      ];
      for (const { status } of await Promise.allSettled(rejected)) assertEquals(status, "rejected");
    }
  },

  "show what each step did": async (test) => {
    await test.pipeline(Array.from({ length: 2_500 }, (_, n) => ["SET", `k:${n}`, n]));
    const id = await start(
      test,
      `const isEven = (r) => r.value % 2 === 0;
       GB("KeysReader", "k:*", "evens").filter(isEven).map((r) => { if (r.value == 8) throw 8; })
         .count().run()`,
    );
    await test.engine.waitForResults(id);
    const info = await test.engine.getExecution(id);
    const [shard] = info.shards;
    assertEquals(shard.steps.map((step) => [step.type, step.recordsIn, step.recordsOut]), [
      ["filter", 2_500, 1_250],
      ["map", 1_250, 1_249],
      ["accumulate", 1_249, 1],
      ["collect", 1, 1],
      ["accumulate", 1, 1],
    ]);
    assertEquals([shard.steps[0].name, shard.steps[0].arg], [
      "isEven",
      "(r)=>r.value % 2 === 0",
    ]);
    assertEquals(shard.steps[3].name, "collect");
    assertEquals([shard.recordsRead, shard.results, shard.errors.length], [2_500, 1, 1]);
    assertMatch(info.fingerprint, /^[0-9a-f]{64}$/);
    assertGreater(shard.totalDurationMs, 0);
    assertGreater(shard.readDurationMs, 0);
    assertGreater(info.createdAt, Date.now() - 60_000);
    test.engine.dropExecution(id);
  },

  "tell their progress": async (test) => {
    const seen: ExecutionProgress[] = [];
    await test.engine.runScript(
      `GB("GeneratorReader").map(async (n) => await execute("ECHO", n))
        .run(function* () { for (let n = 0; n < 300000; n++) yield n; }, { window: 200 })`,
      { onProgress: (progress) => seen.push(progress) },
    );
    const last = seen.at(-1)!;
    assertEquals([last.status, last.read, last.results], ["done", 300_000, 300_000]);
    assert(seen.some(({ status, read }) => status === "running" && read > 0 && read < 300_000));
    for (let at = 1; at < seen.length; at++) assert(seen[at].read >= seen[at - 1].read);
  },

  "that is over keeps whether its results are to be shown as text": async (test) => {
    const outcome = await test.run(`GB("ShardsIDReader").run("", { convertToStr: false })`);
    assertEquals(outcome, { results: ["1"], errors: [], convertToStr: false });
  },

  "an unblocking script that fails later aborts its run": async (test) => {
    const id = await start(
      test,
      `${UNTIL_GO}
      await new Promise((done) => setTimeout(done, 200));
      throw new Error("late");`,
    );
    const { errors } = await test.engine.waitForResults(id);
    assertEquals(errors, ["Error: late"]);
    const { status, abortReason } = await test.engine.getExecution(id);
    assertEquals([status, abortReason?.location?.line], ["aborted", 6]);
    await waitUntil(() => test.engine.listSessions().length === 0);
    test.engine.dropExecution(id);
  },

  "can be watched, and the watcher may go away": async (test) => {
    const id = await start(test, UNTIL_GO);
    const gone = new AbortController();
    const seen: string[] = [];
    const leaving = test.engine.watchExecution(id, () => gone.abort(), gone.signal);
    const [outcome] = await Promise.allSettled([leaving]);
    assertEquals((outcome as PromiseRejectedResult).reason.code, "EXECUTION_ABORTED");
    const watching = test.engine.watchExecution(id, ({ status }) => seen.push(status));
    await test.ask("SET", "go", 1);
    await watching;
    assertEquals([seen[0], seen.at(-1)], ["running", "done"]);
    test.engine.dropExecution(id);
  },

  "the oldest done ones make room for new ones": async (test) => {
    test.engine.config.set("MaxExecutions", "3");
    const running = await start(test, UNTIL_GO);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      ids.push(await start(test, `GB("ShardsIDReader").run()`));
      await test.engine.waitForResults(ids[n]);
    }
    const listed = test.engine.listExecutions().map(({ executionId }) => executionId);
    assertEquals(listed, [running, ids[3], ids[4]]);
    await test.ask("SET", "go", 1);
    await test.engine.waitForResults(running);
  },
});
