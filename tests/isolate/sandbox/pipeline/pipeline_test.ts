import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Step } from "../../../../contract/plan/step.ts";
import { Pipeline } from "../../../../isolate/sandbox/pipeline/pipeline.ts";

type Context = ConstructorParameters<typeof Pipeline>[1];
type Callback = (record: number) => unknown;

/** A pipeline of steps, each a kind with its function, and what came out of it. */
function openPipeline(steps: readonly (readonly [string, Callback])[], window = 100) {
  const functions = steps.map(([, run]) => run);
  const [batches, errors] = [[] as unknown[][], [] as unknown[]];
  const plan = steps.map(([type], index) => ({
    type,
    callback: { source: "author", index, name: "", text: "" },
  }));
  return { ...openPlan(plan as Step[], functions, window, batches, errors), batches, errors };
}

function openPlan(
  plan: readonly Step[],
  functions: readonly Callback[] = [],
  window = 100,
  batches: unknown[][] = [],
  errors: unknown[] = [],
) {
  const context: Context = {
    window,
    callback: (ref) => functions[(ref as { index: number }).index],
    fail: (error) => void errors.push(error),
  };
  const pipeline = new Pipeline(plan, context, ({ records }) => void batches.push(records));
  return { pipeline, batches };
}

const of = (...records: unknown[]) => ({ records, keys: null });
const limitTo = (length: number, start = 0): Step => ({ type: "limit", start, length });

/** Promises by their number, each settled when a test says so. */
function createDeferred() {
  const deferred = new Map<number, PromiseWithResolvers<unknown>>();
  const get = (n: number) => {
    const known = deferred.get(n) ?? Promise.withResolvers<unknown>();
    deferred.set(n, known);
    return known;
  };
  return {
    begun: deferred,
    run: (n: number) => get(n).promise,
    settle: (n: number) => get(n).resolve(n),
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("while nothing is async, a batch has passed all steps when push returns", () => {
  const { pipeline, batches } = openPipeline([
    ["map", (n) => n + 1],
    ["filter", (n) => n % 2 === 0],
  ]);
  assertEquals(pipeline.push(of(1, 2, 3)), undefined);
  assertEquals(pipeline.push(of(4)), undefined);
  assertEquals(pipeline.push(of(5)), undefined);
  assertEquals(batches, [[2, 4], [6]]);
  assertEquals(pipeline.figures.map(({ recordsIn, recordsOut }) => [recordsIn, recordsOut]), [
    [5, 5],
    [5, 3],
  ]);
});

Deno.test("batches leave in the order in which they came, whichever is ready first", async () => {
  const { run, settle, begun } = createDeferred();
  const { pipeline, batches } = openPipeline([["map", run], ["map", (n) => n * 10]]);
  for (const n of [1, 2, 3]) pipeline.push(of(n));
  assertEquals([...begun.keys()], [1, 2, 3]);
  settle(3);
  settle(2);
  await turn();
  assertEquals(batches, []);
  settle(1);
  await pipeline.settled();
  assertEquals(batches, [[10], [20], [30]]);
});

Deno.test("push waits while the window is full, and a large batch enters in halves of it", async () => {
  const { run, settle, begun } = createDeferred();
  const { pipeline, batches } = openPipeline([["map", run]], 4);
  assertEquals(pipeline.push(of(0)), undefined);
  let isTaken = false;
  const taken = Promise.resolve(pipeline.push(of(1, 2, 3, 4, 5))).then(() => isTaken = true);
  await turn();
  assertEquals([isTaken, Math.max(...begun.keys()) < 5], [false, true]);
  for (const n of [0, 1, 2, 3, 4, 5]) {
    settle(n);
    await turn();
  }
  await taken;
  await pipeline.settled();
  assertEquals(batches.flat(), [0, 1, 2, 3, 4, 5]);
  assert(batches.slice(1).every((batch) => batch.length <= 2));
  assertEquals(pipeline.push(of()), undefined);
});

Deno.test("a push of less than the window does not wait, one that fills it does", async () => {
  const { run, settle } = createDeferred();
  const { pipeline } = openPipeline([["map", run]], 2);
  assertEquals(pipeline.push(of(1)), undefined);
  const full = pipeline.push(of(2));
  assert(full instanceof Promise);
  settle(1);
  await full;
  settle(2);
  await pipeline.settled();
});

Deno.test("a record whose function fails is left out, and those beside it pass", async () => {
  const { pipeline, batches, errors } = openPipeline([
    ["map", (n) => {
      if (n === 2) throw new Error("two");
      return n === 3 ? Promise.reject(new Error("three")) : n;
    }],
  ]);
  await pipeline.push(of(1, 2, 3, 4));
  await pipeline.end();
  assertEquals([batches, errors.map(String)], [[[1, 4]], ["Error: two", "Error: three"]]);
});

Deno.test("what takes results may fail, and the pipeline's end says so", async () => {
  const context: Context = {
    window: 4,
    callback: () => (n: number) => Promise.resolve(n),
    fail() {},
  };
  const callback = { source: "author", index: 0, name: "", text: "" } as const;
  const pipeline = new Pipeline([{ type: "map", callback }], context, () => {
    throw new Error("no room");
  });
  void pipeline.push(of(1));
  await assertRejects(() => pipeline.end(), Error, "no room");
});

Deno.test("a limit says how much of the next batch is of use, and when no more is", () => {
  const { pipeline, batches } = openPlan([limitTo(3, 1)]);
  assertEquals([pipeline.demand, pipeline.isExhausted], [4, false]);
  pipeline.push(of("a", "b"));
  assertEquals([pipeline.demand, pipeline.isExhausted], [2, false]);
  pipeline.push(of("c", "d", "e"));
  assertEquals([pipeline.demand, pipeline.isExhausted], [1, true]);
  assertEquals(batches, [["b"], ["c", "d"]]);
  assertEquals(openPlan([limitTo(5), limitTo(2)]).pipeline.demand, 2);
  assertEquals(openPlan([]).pipeline.demand, Infinity);
});

Deno.test("steps that gather give what they have at the end, through the steps behind them", async () => {
  const sort: Step = { type: "sort", descending: false };
  const { pipeline, batches } = openPlan([sort, limitTo(2)]);
  assertEquals(pipeline.demand, Infinity);
  pipeline.push(of(3, 1));
  pipeline.push(of(2));
  assertEquals(batches, []);
  await pipeline.end();
  assertEquals(batches, [[1, 2]]);
  assertEquals(pipeline.figures.map(({ recordsIn, recordsOut }) => [recordsIn, recordsOut]), [
    [3, 3],
    [3, 2],
  ]);
});
