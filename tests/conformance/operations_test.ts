import { assertEquals } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";
import type { TestEngine } from "../support/start_engine.ts";
import { EMPTY_CHAINS, OPERATION_CASES } from "./operation_cases.ts";

/** What `fn(…)` does to a callback. */
const CALLBACKS = {
  "plain callbacks": "const fn = (callback) => callback;",
  "async callbacks": `const fn = (callback) => async (...args) => {
    await execute("ECHO", "x");
    return callback(...args);
  };`,
  "both kinds by turns": `let turn = 0;
    const fn = (callback) => (...args) =>
      turn++ % 2 ? callback(...args) : Promise.resolve().then(() => callback(...args));`,
} as const;

/** Results in an order of their own, for input without one. */
function byText(results: readonly unknown[]): unknown[] {
  return [...results].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function runOverGenerator(test: TestEngine, prelude: string): Promise<void> {
  for (const [name, { input, chain, results }] of Object.entries(OPERATION_CASES)) {
    const source = `${prelude}
      GB("GeneratorReader")${chain}.run(() => ${JSON.stringify(input)});`;
    assertEquals(await test.results(source), results, name);
  }
}

async function runOverKeys(test: TestEngine, prelude: string): Promise<void> {
  for (const [name, { input, chain, results, ordered }] of Object.entries(OPERATION_CASES)) {
    await test.ask("FLUSHALL");
    await test.pipeline(input.map((value, n) => ["SET", `in:${n}`, JSON.stringify(value)]));
    const source = `${prelude}
      GB().map((r) => JSON.parse(r.value))${chain}.run("in:*");`;
    const actual = await test.results(source);
    if (ordered) assertEquals(actual.length, results.length, name);
    else assertEquals(byText(actual), byText(results), name);
  }
}

engineSuite("conformance: operations", {
  ...Object.fromEntries(
    Object.entries(CALLBACKS).map(([kind, prelude]) => [
      `each over a generator, with ${kind}`,
      (test: TestEngine) => runOverGenerator(test, prelude),
    ]),
  ),
  "each over keys, with plain callbacks": (test) => runOverKeys(test, CALLBACKS["plain callbacks"]),
  "each over keys, with async callbacks": (test) => runOverKeys(test, CALLBACKS["async callbacks"]),

  "nothing comes out where nothing went in": async (test) => {
    for (const chain of EMPTY_CHAINS) {
      assertEquals(await test.results(`GB("GeneratorReader")${chain}.run(() => [])`), [], chain);
      assertEquals(await test.results(`GB()${chain}.run("nothing:*")`), [], chain);
      const filtered = `GB("GeneratorReader").filter(() => false)${chain}.run(() => [1, 2])`;
      assertEquals(await test.results(filtered), [], chain);
    }
  },

  "operations chain over several thousand records": async (test) => {
    const source = `GB("GeneratorReader")
      .filter((n) => n % 2 === 0)
      .flatMap((n) => [n, n + 1])
      .map(async (n) => n % 10)
      .countBy()
      .sort((a, b) => a.key - b.key)
      .run(function* () { for (let n = 0; n < 5000; n++) yield n; });`;
    const expected = Array.from({ length: 10 }, (_, key) => ({ key: `${key}`, value: 500 }));
    assertEquals(await test.results(source), expected);
  },

  "one builder is run twice, each time anew": async (test) => {
    const source = `const builder = GB("GeneratorReader").aggregate([], (a, r) => [...a, r],
        (a, p) => [...a, ...p]);
      GB("GeneratorReader").map(async () => {
        const first = await builder.run(() => [1, 2]);
        const second = await builder.run(() => [3]);
        return [first.results, second.results];
      }).run(() => [0]);`;
    assertEquals(await test.results(source), [[[[1, 2]], [[3]]]]);
  },
}, { isolates: { prestarted: 2 } });
