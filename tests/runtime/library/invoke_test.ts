import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { deploy, invoke, refusal } from "./library_calls.ts";

const LIBRARY = `import { execute, env, flatError, GearsBuilder, GB } from "pinion";
let calls = 0;
export function echo(input) { return input; }
export async function later(input) { return { got: await execute("ECHO", input) }; }
export function nothing() {}
export function kind(input) { return typeof input; }
export function context(_input, context) { return { ...context, env: { ...env }, keys: Object.keys(context.env) }; }
export function count() { return ++calls; }
export function fail() {
  throw new TypeError("no");
}
export async function failLater() { await null; return await execute("INCR", "text"); }
export function flat() { flatError("JUST text"); }
export function values() {
  return { big: 2n ** 60n, map: new Map([["a", 1]]), set: new Set([1]), date: new Date(0),
    bytes: new Uint8Array([255]), nan: NaN, f: () => 1, text: "\\u2028" };
}
export function circle() { const a = {}; a.a = a; return a; }
export async function slow(ms) { await new Promise((done) => setTimeout(done, ms)); return ms; }
export async function nested() { return await GB("KeysOnlyReader").sort().run("k:*"); }
export const names = new GearsBuilder("KeysOnlyReader", "k:*").sort();
export const failing = new GearsBuilder("KeysOnlyReader", "k:*").map((name) => {
  if (name === "k:2") throw new Error("no " + name);
  return name;
}).sort();`;

engineSuite("engine: invoke", {
  "a function gets JSON and gives JSON": async (test) => {
    await deploy(test, LIBRARY, { manifest: { env: { NAME: "value" } } });
    for (const input of [null, 0, "text", [1, { a: [] }], { "ä": "\u0000" }]) {
      assertEquals(await invoke(test, "echo", input), input);
    }
    assertEquals(await invoke(test, "later", "x"), { got: "x" });
    assertEquals(await invoke(test, "nothing"), null);
    assertEquals(await invoke(test, "kind"), "undefined");
    assertEquals(await invoke(test, "context"), {
      library: "lib",
      env: { NAME: "value" },
      keys: ["NAME"],
    });
    assertEquals(await invoke(test, "values"), {
      big: "1152921504606846976",
      map: { a: 1 },
      set: [1],
      date: "1970-01-01T00:00:00.000Z",
      bytes: { base64: "/w==" },
      nan: null,
      text: "\u2028",
    });
    assertStringIncludes(await invoke(test, "circle"), "contains itself");
  },

  "invocations share the module, and may overlap": async (test) => {
    const first = await invoke(test, "count");
    const counts = await Promise.all(Array.from({ length: 200 }, () => invoke(test, "count")));
    assertEquals(counts, Array.from({ length: 200 }, (_, n) => first + n + 1));
    const started = performance.now();
    const slow = await Promise.all(Array.from({ length: 50 }, () => invoke(test, "slow", 100)));
    assertEquals(slow.length, 50);
    assertLess(performance.now() - started, 2_000);
  },

  "a function that fails is named with its place": async (test) => {
    await test.ask("SET", "text", "x");
    const thrown = await refusal(invoke(test, "fail"), "FUNCTION_FAILED");
    assertEquals(thrown.message, "TypeError: no");
    assertEquals(thrown.location, { file: "lib.js", line: 10, column: 9 });
    assertMatch(thrown.authorStack!, /^at fail \(lib\.js:10:9\)$/);
    const later = await refusal(invoke(test, "failLater"), "FUNCTION_FAILED");
    assertEquals(later.message, "ERR value is not an integer or out of range");
    assertEquals(later.location?.line, 12);
    const flat = await refusal(invoke(test, "flat"), "FUNCTION_FAILED");
    assertEquals([flat.message, flat.location], ["JUST text", undefined]);
    const { invocations, failures } = test.engine.listLibraries()[0];
    assert(invocations > 250);
    assertEquals(failures, 3);
  },

  "what cannot be invoked is refused": async (test) => {
    await refusal(test.engine.invoke("none", "x", new Uint8Array()), "NO_LIBRARY");
    const unknown = await refusal(invoke(test, "missing"), "NO_EXPORT");
    assertStringIncludes(unknown.message, "it has: ");
    await refusal(invoke(test, "toString"), "NO_EXPORT");
    await refusal(invoke(test, "__proto__"), "NO_EXPORT");
    const body = new TextEncoder().encode("{ no json");
    const error = await refusal(test.engine.invoke("lib", "echo", body), "BAD_BODY");
    assertMatch(error.message, /^The body is no JSON: /);
  },

  "a builder is a batch run": async (test) => {
    await test.pipeline([["SET", "k:1", 1], ["SET", "k:2", 1], ["SET", "l:1", 1]]);
    const byDefault = await invoke(test, "names");
    assertEquals([byDefault.results, byDefault.errors], [["k:1", "k:2"], []]);
    assertMatch(byDefault.executionId, /^0{40}-\d+$/);
    assertEquals((await invoke(test, "names", "l:*")).results, ["l:1"]);
    assertEquals(
      (await invoke(test, "names", { arg: "*", options: { count: 1 } })).results.length,
      3,
    );
    const failing = await invoke(test, "failing");
    assertEquals(failing.results, ["k:1"]);
    assertEquals(failing.errors, ["Error: no k:2 (lib.js:23:29)"]);
    await refusal(invoke(test, "names", [1]), "BAD_BODY");
    await refusal(invoke(test, "names", { argument: "*" }), "BAD_BODY");
    await refusal(invoke(test, "names", { arg: 5 }), "BAD_PLAN");
    await refusal(invoke(test, "names", { options: { mode: "sync" } }), "BAD_PLAN");
    assertEquals(test.engine.listExecutions(), []);
  },

  "a function may run pipelines, which are forgotten afterwards": async (test) => {
    await test.pipeline([["SET", "k:1", 1], ["SET", "k:2", 1]]);
    assertEquals(await invoke(test, "nested"), { results: ["k:1", "k:2"], errors: [] });
    assertEquals(test.engine.listExecutions(), []);
  },
});
