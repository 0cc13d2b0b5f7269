import { assert, assertEquals } from "@std/assert";
import { compileBuilder, GB } from "../../sdk/gears_builder.ts";
import type { CallbackRef } from "../../contract/plan/step.ts";
import { validatePlan } from "../../contract/plan/validate.ts";

// deno-lint-ignore no-explicit-any
type Untyped = any;

const keyOf = (record: Untyped) => record.key;
const grow = (_key: string, sum: number | undefined) => (sum ?? 0) + 1;
const add = (sum: number, value: Untyped) => sum + value;

function author(index: number, callback: (...args: Untyped[]) => unknown): CallbackRef {
  return { source: "author", index, name: callback.name, text: String(callback) };
}

function zero(index: number, text: string): CallbackRef {
  return { source: "author", index, name: "zero", text };
}

function builtin(name: string): Untyped {
  return { source: "builtin", name };
}

/** Each operation and the steps that it compiles to. */
const STEPS: readonly (readonly [build: (gb: Untyped) => Untyped, steps: readonly unknown[]])[] = [
  [(gb) => gb.map(keyOf), [{ type: "map", callback: author(0, keyOf) }]],
  [(gb) => gb.flatMap(keyOf), [{ type: "flatmap", callback: author(0, keyOf) }]],
  [(gb) => gb.forEach(keyOf), [{ type: "foreach", callback: author(0, keyOf) }]],
  [(gb) => gb.filter(keyOf), [{ type: "filter", callback: author(0, keyOf) }]],
  [(gb) => gb.accumulate(add), [{ type: "accumulate", callback: author(0, add) }]],
  [(gb) => gb.localGroupBy(keyOf, grow), [
    { type: "extractkey", callback: author(0, keyOf) },
    { type: "accumulatebykey", callback: author(1, grow) },
    { type: "keyvalue" },
  ]],
  [(gb) => gb.groupBy(keyOf, grow), [
    { type: "extractkey", callback: author(0, keyOf) },
    { type: "repartition" },
    { type: "accumulatebykey", callback: author(1, grow) },
    { type: "keyvalue" },
  ]],
  [(gb) => gb.batchGroupBy(keyOf, grow), [
    { type: "extractkey", callback: author(0, keyOf) },
    { type: "repartition" },
    { type: "group" },
    { type: "reduce", callback: author(1, grow) },
    { type: "keyvalue" },
  ]],
  [(gb) => gb.aggregate([0], add, add), [
    { type: "accumulate", callback: author(1, add), zero: zero(0, "[0]") },
    { type: "collect" },
    { type: "accumulate", callback: author(2, add), zero: zero(0, "[0]") },
  ]],
  [(gb) => gb.aggregateBy(keyOf, 0, grow, grow), [
    { type: "extractkey", callback: author(1, keyOf) },
    { type: "accumulatebykey", callback: author(2, grow), zero: zero(0, "0") },
    { type: "repartition" },
    { type: "accumulatebykey", callback: author(3, grow), zero: zero(0, "0") },
    { type: "keyvalue" },
  ]],
  [(gb) => gb.count(), [
    { type: "accumulate", callback: builtin("increment"), zero: builtin("zero") },
    { type: "collect" },
    { type: "accumulate", callback: builtin("sum"), zero: builtin("zero") },
  ]],
  [(gb) => gb.countBy(), [
    { type: "extractkey", callback: builtin("identity") },
    { type: "accumulatebykey", callback: builtin("incrementByKey"), zero: builtin("zero") },
    { type: "repartition" },
    { type: "accumulatebykey", callback: builtin("sumByKey"), zero: builtin("zero") },
    { type: "keyvalue" },
  ]],
  [(gb) => gb.avg(keyOf), [
    { type: "map", callback: author(0, keyOf) },
    { type: "map", callback: builtin("toNumber") },
    { type: "accumulate", callback: builtin("averageLocal"), zero: builtin("averageZero") },
    { type: "collect" },
    { type: "accumulate", callback: builtin("averageGlobal"), zero: builtin("averageZero") },
    { type: "map", callback: builtin("averageResult") },
  ]],
  [(gb) => gb.sort(), [
    { type: "sort", descending: false },
    { type: "collect" },
    { type: "sort", descending: false },
  ]],
  [(gb) => gb.sort({ reverse: true }), [
    { type: "sort", descending: true },
    { type: "collect" },
    { type: "sort", descending: true },
  ]],
  [(gb) => gb.sort(add), [
    { type: "sort", descending: false, callback: author(0, add) },
    { type: "collect" },
    { type: "sort", descending: false, callback: author(0, add) },
  ]],
  [(gb) => gb.distinct(), [{ type: "distinct" }, { type: "collect" }, { type: "distinct" }]],
  [(gb) => gb.limit(5, 2), [{ type: "limit", length: 5, start: 2 }]],
  [(gb) => gb.collect(), [{ type: "collect" }]],
  [(gb) => gb.repartition(keyOf), [
    { type: "extractkey", callback: author(0, keyOf) },
    { type: "repartition" },
    { type: "dropkey" },
  ]],
];

Deno.test("every operation compiles to its steps, and the plan passes the validator", () => {
  for (const [build, steps] of STEPS) {
    const { plan } = compileBuilder(build(GB()), "*", {});
    assertEquals<unknown>(plan.steps, steps);
    assertEquals<unknown>(validatePlan(plan), plan);
  }
});

Deno.test("a plan names its reader, options and description", () => {
  const builder = GB("KeysOnlyReader", "a*", "counts").count();
  const options = { mode: "async_local", collect: false, convertToStr: false, window: 7, count: 9 };
  const { plan } = compileBuilder(builder, "b*", options as Untyped);
  const { steps: _steps, ...rest } = plan;
  assertEquals<unknown>(rest, {
    version: 1,
    reader: { reader: "KeysOnlyReader", pattern: "b*", count: 9, noScan: false },
    mode: "async_local",
    collect: false,
    convertToStr: false,
    window: 7,
    description: "counts",
  });
});

Deno.test("a plan is pure data: JSON and structured clone keep all of it", () => {
  for (const [build] of STEPS) {
    const { plan } = compileBuilder(build(GB("StreamReader")), "s", { fromId: "5-0" });
    assertEquals(JSON.parse(JSON.stringify(plan)), plan);
    assertEquals(structuredClone(plan), plan);
  }
});

Deno.test("callbacks are numbered in the order in which steps name them", () => {
  const builder = GB("GeneratorReader").map(keyOf).filter(add as Untyped).map(grow as Untyped);
  const generator = () => [1];
  const { plan, callbacks } = compileBuilder(builder, generator, {});
  assertEquals<unknown>(callbacks, [generator, keyOf, add, grow]);
  const refs = [
    (plan.reader as Untyped).generator,
    ...plan.steps.map((step: Untyped) => step.callback),
  ];
  assertEquals(refs.map((ref) => ref.index), [0, 1, 2, 3]);
});

Deno.test("each compilation has callbacks and zero values of its own", () => {
  const zeroValue = { list: [] as number[] };
  const builder = GB().aggregate<Untyped>(zeroValue, (a) => a, (a) => a);
  zeroValue.list.push(1);
  const { callbacks } = compileBuilder(builder, "*", {});
  const first = callbacks[0]() as typeof zeroValue;
  first.list.push(2);
  assertEquals(callbacks[0](), { list: [1] });
  assert(callbacks[0]() !== callbacks[0]());
});
