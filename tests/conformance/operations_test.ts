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

const CASES = Object.entries(OPERATION_CASES);

/** Runs pipelines one after the other in one script; the results of each. */
async function runAll(
  test: TestEngine,
  pipelines: readonly string[],
  prelude = "",
): Promise<readonly unknown[][]> {
  const source = `${prelude}
    const pipelines = [${pipelines.map((pipeline) => `() => ${pipeline}`).join(",\n")}];
    GB("GeneratorReader").map(async (index) => {
      const { results, errors } = await pipelines[index]();
      if (errors.length > 0) throw new Error(index + ": " + errors);
      return results;
    }).run(() => pipelines.keys(), { window: 1 });`;
  return await test.results(source) as unknown[][];
}

async function runOverGenerator(test: TestEngine, prelude: string): Promise<void> {
  const pipelines = CASES.map(([, { input, chain }]) =>
    `GB("GeneratorReader")${chain}.run(() => ${JSON.stringify(input)})`
  );
  const actual = await runAll(test, pipelines, prelude);
  for (const [index, [name, { results }]] of CASES.entries()) {
    assertEquals<unknown>(actual[index], results, name);
  }
}

async function runOverKeys(test: TestEngine, prelude: string): Promise<void> {
  for (const [index, [, { input }]] of CASES.entries()) {
    await test.pipeline(input.map((value, n) => ["SET", `${index}:${n}`, JSON.stringify(value)]));
  }
  const pipelines = CASES.map(([, { chain }], index) =>
    `GB().map((r) => JSON.parse(r.value))${chain}.run("${index}:*")`
  );
  const actual = await runAll(test, pipelines, prelude);
  for (const [index, [name, { results, ordered }]] of CASES.entries()) {
    if (ordered) assertEquals(actual[index].length, results.length, name);
    else assertEquals(byText(actual[index]), byText(results), name);
  }
}

/** Results in an order of their own, for input without one. */
function byText(results: readonly unknown[]): unknown[] {
  return [...results].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
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
    const pipelines = EMPTY_CHAINS.flatMap((chain) => [
      `GB("GeneratorReader")${chain}.run(() => [])`,
      `GB()${chain}.run("nothing:*")`,
      `GB("GeneratorReader").filter(() => false)${chain}.run(() => [1, 2])`,
      `GB("GeneratorReader").filter(async () => false)${chain}.run(() => [1, 2])`,
    ]);
    assertEquals<unknown>(await runAll(test, pipelines), pipelines.map(() => []));
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
    assertEquals<unknown>(await test.results(source), expected);
  },

  "one builder is run twice, each time anew": async (test) => {
    const source = `const builder = GB("GeneratorReader")
        .aggregate([], (all, r) => [...all, r], (all, part) => [...all, ...part]);
      GB("GeneratorReader").map(async () => {
        const first = await builder.run(() => [1, 2]);
        const second = await builder.run(() => [3]);
        return [first.results, second.results];
      }).run(() => [0]);`;
    assertEquals<unknown>(await test.results(source), [[[[1, 2]], [[3]]]]);
  },
});
