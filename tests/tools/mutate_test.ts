/**
 * `deno task mutate` chooses faults by a seed, plants each kind, and finds the tests near to them.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { readArguments } from "../../tools/mutate/arguments.ts";
import { CaseWatch } from "../../tools/mutate/case_watch.ts";
import { chooseFaults, findFaults } from "../../tools/mutate/choose_faults.ts";
import { applyEdit } from "../../tools/mutate/fault.ts";
import { drawGraph } from "../../tools/mutate/import_graph.ts";
import { FAULT_KINDS } from "../../tools/mutate/kinds/fault_kinds.ts";
import { NearestTests } from "../../tools/mutate/nearest_tests.ts";

/** A source and what it becomes, for each kind. */
const SAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  "dropped await": ["await send(1);", "send(1);"],
  "swapped statements": ["{ at = next(); read(at); }", "{ read(at); at = next(); }"],
  "dropped clean-up": ["const end = () => this.#link.close();", "const end = () => {};"],
  "dropped clear of a timer": ["clearTimeout(timer);", "{}"],
  "dropped abort listener": ["ask(url, { signal });", "ask(url, { signal: undefined });"],
  "dropped finally": ["try { read(); } finally { free(); }", "try { read(); } finally {}"],
  "dropped dispose": ["{ await using file = open(); }", "{ const file = open(); }"],
  "flipped comparison": ["const isFull = size < limit;", "const isFull = size <= limit;"],
  "negated condition": ["if (isOpen) read();", "if (!(isOpen)) read();"],
  "&& and || swapped": ["const both = a && b;", "const both = a || b;"],
  "prefix compare": [
    "const isOurs = token === this.#token;",
    "const isOurs = String(this.#token).startsWith(String(token));",
  ],
  "off by one": ["const next = place + 1;", "const next = place;"],
  "changed bound": ["const MAX_KEYS = 100;", "const MAX_KEYS = Math.floor((100) / 2);"],
  "min and max swapped": ["const n = Math.min(a, b);", "const n = Math.max(a, b);"],
  "dropped branch": ["if (isOpen) { size = 0; }", "{}"],
  "dropped guard": ["function f() { if (isOver) return; go(); }", "function f() { {} go(); }"],
  "early return": [
    "function f(): void { a(); b(); c(); }",
    "function f(): void { a(); b(); if (performance.now() > 0) return; c(); }",
  ],
  "dropped statement": ["this.#size = size;", "{}"],
};

/** Sources that a kind leaves alone, because nothing or only words would change. */
const LEFT_ALONE: readonly (readonly [kind: string, source: string])[] = [
  ["dropped await", "async function f() { return await g(); }"],
  ["swapped statements", "this.#a = a; this.#b = b;"],
  ["swapped statements", "this.#mesh = mesh; mesh.handle(1);"],
  ["swapped statements", "{ room.size -= 1; room.wake(); }"],
  ["swapped statements", "async function f() { await this.over; await this.gone; }"],
  ["flipped comparison", "if (placed * 2 >= places.length) grow();"],
  ["flipped comparison", "while (this.#queue.length > 0) take();"],
  ["dropped statement", "while (at < end) { at += 1; }"],
  ["min and max swapped", "await pause(Math.min(MAX_PAUSE, 2 * attempt));"],
  ["flipped comparison", "const isLate = performance.now() < end;"],
  ["flipped comparison", "const larger = a < b ? b : a;"],
  ["negated condition", "while (true) read();"],
  ["negated condition", 'if (isOdd) console.log("odd");'],
  ["negated condition", 'const text = `1 ${isOne ? "key" : "keys"}`;'],
  ["prefix compare", 'const isDone = kind === "done";'],
  ["off by one", "throw new RangeError(`Not ${place + 1}`);"],
  ["changed bound", "const MAX_WAIT_MS = 100;"],
  ["dropped guard", "function f() { if (items.length === 0) return; items.forEach(g); }"],
  ["dropped guard", "function f() { if (kept !== undefined) return kept; return make(); }"],
  ["dropped statement", 'logs.add("info", "started");'],
  ["&& and || swapped", "type Both = A & B | C;"],
];

const SOURCES = new Map([
  ["a.ts", "export function f(n: number) { if (n > 1 && n < 9) return n + 1; return 0; }\n"],
  ["b.ts", "export async function g() {\n  await h();\n  clearTimeout(t);\n  size = 2;\n}\n"],
]);

Deno.test("mutate: the same seed plants the same faults, another seed others", () => {
  const faults = chooseFaults(SOURCES, 7, 4);
  assertEquals(faults.length, 4);
  assertEquals(chooseFaults(SOURCES, 7, 4), faults);
  assertNotEquals(chooseFaults(SOURCES, 8, 4), faults);
});

Deno.test("mutate: only wanted faults are chosen", () => {
  const faults = chooseFaults(SOURCES, 7, 4, ({ kind }) => kind === "dropped await");
  assertEquals(faults.map(({ path, line }) => `${path}:${line}`), ["b.ts:2"]);
});

Deno.test("mutate: a line has one fault, so a small file has few", () => {
  const faults = chooseFaults(new Map([["a.ts", SOURCES.get("a.ts")!]]), 1, 10);
  assertEquals(faults.map(({ path, line }) => `${path}:${line}`), ["a.ts:1"]);
});

for (const { name } of FAULT_KINDS) {
  Deno.test(`mutate: plants the kind "${name}"`, () => {
    const [source, changed] = SAMPLES[name];
    const fault = findFaults("a.ts", source).find(({ kind }) => kind === name);
    assert(fault !== undefined);
    assertEquals(applyEdit(source, fault), changed);
  });
}

Deno.test("mutate: leaves alone what changes no behaviour", () => {
  for (const [name, source] of LEFT_ALONE) {
    assertEquals(findFaults("a.ts", source).filter(({ kind }) => kind === name), [], source);
  }
});

Deno.test("mutate: a report names the line and both texts", () => {
  const fault = findFaults("b.ts", SOURCES.get("b.ts")!)
    .find(({ kind }) => kind === "dropped clear of a timer");
  assertEquals(
    { line: fault?.line, before: fault?.before, after: fault?.after },
    { line: 3, before: "clearTimeout(t);", after: "{}" },
  );
});

Deno.test("mutate: tests that import a file come first, then nearer and more alike ones", () => {
  const sources = new Map([
    ["lib/keys/pages.ts", "export const pages = 1;"],
    ["lib/main.ts", 'import "./keys/pages.ts";'],
    ["lib/types.ts", 'import type { Pages } from "./keys/pages.ts";'],
    ["tests/support.ts", 'const MAIN = new URL("../lib/main.ts", import.meta.url);'],
    ["tests/keys/scan_test.ts", 'import "../support.ts"; // pages of keys'],
    ["tests/other_test.ts", 'import "lib";'],
    ["tests/pages_test.ts", 'import "../lib/keys/pages.ts";'],
    ["tests/types_test.ts", 'import "../lib/types.ts";'],
    ["tests/unrelated_test.ts", "export {};"],
  ]);
  const graph = drawGraph(sources, { lib: "./lib/main.ts" });
  assertEquals(new NearestTests(graph, sources).of({ path: "lib/keys/pages.ts", start: 0 }), [
    "tests/pages_test.ts",
    "tests/keys/scan_test.ts",
    "tests/other_test.ts",
    "tests/types_test.ts",
  ]);
});

Deno.test("mutate: reads the first case that failed from what deno test prints", () => {
  const watch = new CaseWatch();
  for (
    const text of ["outer ...\n  one ... ok (1ms)\n  two ..", ". three ... FAIL", "ED (2ms)\n"]
  ) {
    watch.take(text);
  }
  watch.take("outer ... FAILED (due to 1 failed step) (3ms)\nlast ...");
  assertEquals({ failed: watch.failed, running: watch.running }, {
    failed: "two ... three",
    running: "last",
  });
});

Deno.test("mutate: refuses arguments that are no numbers or unknown", () => {
  assertEquals(readArguments(["--seed", "0", "./cli/", "errors.ts:7"]).places, [
    { path: "cli", line: null },
    { path: "errors.ts", line: 7 },
  ]);
  assertThrows(() => readArguments(["--count", "0"]), TypeError, "--count");
  assertThrows(() => readArguments(["--jobs", "many"]), TypeError, "--jobs");
  assertThrows(() => readArguments(["--sed", "1"]), TypeError);
});
