import { assertEquals, assertThrows } from "@std/assert";
import { compileBuilder, GB, GearsBuilder } from "../../sdk/gears_builder.ts";
import { GearsError } from "../../sdk/base/gears_error.ts";

// deno-lint-ignore no-explicit-any
type Untyped = any;

/** Calls that cannot be, and what their error begins with. */
const REFUSED: readonly (readonly [call: (gb: Untyped) => unknown, message: string])[] = [
  [() => new GearsBuilder(1 as Untyped), "reader argument must be a string, got 1"],
  [() => GB("PythonReader" as Untyped), 'The given reader does not exists: "PythonReader"'],
  [() => GB("toString" as Untyped), "The given reader does not exists"],
  [() => GB("KeysReader", "*", 5 as Untyped), "desc argument must be a string, got 5"],

  [(gb) => gb.map(), "map argument must be a function, got undefined"],
  [(gb) => gb.flatMap("x"), 'flatMap argument must be a function, got "x"'],
  [(gb) => gb.forEach(null), "forEach argument must be a function, got null"],
  [(gb) => gb.filter({}), "filter argument must be a function, got an object"],
  [(gb) => gb.accumulate([]), "accumulate argument must be a function, got an array"],
  [(gb) => gb.localGroupBy(1), "localGroupBy extractor argument must be a function, got 1"],
  [(gb) => gb.localGroupBy(f, 1), "localGroupBy reducer argument must be a function, got 1"],
  [(gb) => gb.groupBy(true, f), "groupBy extractor argument must be a function, got true"],
  [(gb) => gb.groupBy(f), "groupBy reducer argument must be a function, got undefined"],
  [(gb) => gb.batchGroupBy(1, f), "batchGroupBy extractor argument must be a function"],
  [(gb) => gb.batchGroupBy(f, 1), "batchGroupBy reducer argument must be a function"],
  [(gb) => gb.aggregate(0, 1, f), "aggregate local argument must be a function"],
  [(gb) => gb.aggregate(0, f, 1), "aggregate global argument must be a function"],
  [(gb) => gb.aggregateBy(1, 0, f, f), "aggregateBy extractor argument must be a function"],
  [(gb) => gb.aggregateBy(f, 0, 1, f), "aggregateBy local argument must be a function"],
  [(gb) => gb.aggregateBy(f, 0, f, 1), "aggregateBy global argument must be a function"],
  [(gb) => gb.countBy(5), "countBy argument must be a function, got 5"],
  [(gb) => gb.avg(1), "avg argument must be a function, got 1"],
  [(gb) => gb.sort(1), "sort argument must be a function, got 1"],
  [(gb) => gb.sort(null), "sort argument must be a function or { reverse }, got null"],
  [(gb) => gb.sort({ desc: true }), "sort argument must be a function or { reverse }, got desc"],
  [(gb) => gb.sort({ reverse: 1 }), "sort reverse argument must be a boolean, got 1"],
  [(gb) => gb.limit("2"), 'limit argument must be a number: expected a whole number >= 0, got "2"'],
  [(gb) => gb.limit(-1), "limit argument must be a number: expected a whole number >= 0, got -1"],
  [(gb) => gb.limit(1.5), "limit argument must be a number"],
  [(gb) => gb.limit(1, NaN), "limit start argument must be a number"],
  [(gb) => gb.repartition(), "repartition argument must be a function, got undefined"],
];

/** Arguments and options of `run()` that cannot be, by reader. */
const REFUSED_RUNS: readonly (readonly [
  reader: string,
  argument: unknown,
  options: Record<string, unknown>,
  message: string,
])[] = [
  ["KeysReader", 5, {}, "regex argument must be a string, got 5"],
  ["KeysReader", "*", { noScan: 1 }, "exactMatch value is not boolean: got 1"],
  ["KeysReader", "*", { readValue: "no" }, 'readValue value is not boolean: got "no"'],
  ["KeysReader", "*", { fromId: "0" }, 'Unknown option "fromId" of run() with KeysReader'],
  ["KeysReader", "*", { mode: 1 }, "execution mode must be a string"],
  ["KeysReader", "*", { mode: "sync" }, "unknown execution mode"],
  ["KeysReader", "*", { window: 0 }, "window must be a whole number from 1 to 100000, got 0"],
  ["KeysReader", "*", { window: 1e6 }, "window must be a whole number from 1 to 100000"],
  ["KeysOnlyReader", "*", { count: "x" }, "KeysOnlyReader count argument must be a number"],
  ["KeysOnlyReader", "*", { count: 0 }, "KeysOnlyReader count argument must be a number"],
  ["KeysOnlyReader", "*", { patternGenerator: "x" }, "KeysOnlyReader patternGenerator argument"],
  ["StreamReader", "s", { fromId: 5 }, "fromId argument must be a string, got 5"],
  ["StreamReader", ["s"], {}, "stream argument must be a string, got an array"],
  ["GeneratorReader", undefined, {}, "GeneratorReader argument must be a function"],
  ["GeneratorReader", [1], {}, "GeneratorReader argument must be a function"],
  ["CommandReader", undefined, {}, "Given reader do not support run or not exists: CommandReader"],
  ["TimeReader", undefined, {}, "Given reader do not support run or not exists: TimeReader"],
];

function f(): number {
  return 1;
}

Deno.test("GearsBuilder refuses arguments that cannot be, at the call", () => {
  for (const [call, message] of REFUSED) {
    const error = assertThrows(() => call(new GearsBuilder()), GearsError);
    assertEquals(error.message.slice(0, message.length), message);
  }
});

Deno.test("run() refuses arguments and options that its reader does not have", () => {
  for (const [reader, argument, options, message] of REFUSED_RUNS) {
    const builder = new GearsBuilder(reader as Untyped);
    const error = assertThrows(() => compileBuilder(builder, argument, options), GearsError);
    assertEquals(error.message.slice(0, message.length), message);
  }
});

Deno.test("run() refuses a zero value that cannot be copied", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const zero of [{ f }, circular]) {
    const builder = GB().aggregate<Untyped>(zero, (a) => a, (a) => a);
    assertThrows(
      () => compileBuilder(builder, "*", {}),
      GearsError,
      "The zero value must be data that can be copied",
    );
  }
});

Deno.test("run() takes an empty argument for none", () => {
  for (const argument of [undefined, null, ""]) {
    const { plan } = compileBuilder(GB("KeysReader", "a*"), argument, {});
    assertEquals(plan.reader, {
      reader: "KeysReader",
      pattern: "a*",
      noScan: false,
      readValue: true,
    });
  }
});
