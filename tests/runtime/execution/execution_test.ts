import { assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { Execution } from "../../../runtime/execution/execution.ts";
import type { Plan } from "../../../contract/plan/plan.ts";

const PLAN = {
  version: 1,
  reader: { reader: "ShardsIDReader" },
  steps: [],
  mode: "async",
  collect: true,
  convertToStr: true,
  window: 1_000,
} as unknown as Plan;
const FIGURES = {
  ...{ recordsRead: 3, results: 0, errors: 0, readDurationMs: 1, forwardedCommands: 0, steps: [] },
};

function create(): Execution {
  return new Execution("0-1", PLAN, "f".repeat(64), { session: "s", shardId: "0" });
}

Deno.test("results are this shard's first, then the others' by number", () => {
  const execution = create();
  execution.start();
  execution.addResults(["c"], 1, 2);
  execution.addResults(["b"], 1, 1);
  execution.addResults(["a"], 1);
  execution.finish(FIGURES, []);
  assertEquals(execution.outcome.results, ["a", "b", "c"]);
  assertEquals(execution.resultBytes, 3);
});

Deno.test("an abort keeps the results so far, names its reason, and ends all waiting", async () => {
  const execution = create();
  execution.start();
  execution.addResults(["a"], 1);
  execution.abort(new PinionError("EXECUTION_ABORTED", "Somebody aborted it"));
  await execution.finished;
  assertEquals(execution.outcome.results, ["a"]);
  assertEquals(execution.outcome.errors, ["Somebody aborted it"]);
  assertThrows(() => execution.finalOutcome(), PinionError, "Somebody aborted it");
});

Deno.test("a shard that was lost leaves the results so far, with the loss among the errors", () => {
  const execution = create();
  execution.start();
  execution.addResults(["a"], 1);
  execution.abort(new PinionError("SHARD_LOST", "Shard 2 is lost"));
  assertEquals(execution.finalOutcome().results, ["a"]);
  assertEquals(execution.finalOutcome().errors, ["Shard 2 is lost"]);
});

Deno.test("nothing changes an execution that is over", () => {
  const execution = create();
  execution.start();
  execution.finish(FIGURES, ["first"]);
  execution.addResults(["late"], 4);
  execution.report({ ...FIGURES, recordsRead: 99 });
  execution.abort(new PinionError("EXECUTION_ABORTED", "late"));
  assertEquals(execution.status, "done");
  assertEquals(execution.outcome, { results: [], errors: ["first"], convertToStr: true });
  assertEquals(execution.progress.read, 3);
});

Deno.test("watchers see each state until it is over, or until they leave", () => {
  const execution = create();
  const seen: string[] = [];
  const left: string[] = [];
  execution.watch(({ status }) => seen.push(status));
  const leave = execution.watch(({ status }) => left.push(status));
  execution.start();
  leave();
  execution.finish(FIGURES, []);
  assertEquals([seen, left], [["running", "done"], ["running"]]);
});
