import { assertEquals } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";
import { placeSuite } from "../support/place_suite.ts";
import type { TestEngine } from "../support/start_engine.ts";
import type { TestPlace } from "../support/test_place.ts";
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

/** Each case as a script of its own, over keys of one slot: steps of one shard see all of them. */
async function runOverKeys(test: TestPlace, prelude: string): Promise<void> {
  for (const [index, [name, { input, chain, results, ordered, sorted }]] of CASES.entries()) {
    await test.pipeline(
      input.map((value, n) => ["SET", `{${index}}:${n}`, JSON.stringify(value)]),
    );
    const actual = await test.results(
      `${prelude} GB().map((r) => JSON.parse(r.value))${chain}.run("{${index}}:*")`,
    );
    if (sorted) assertEquals<unknown>(actual, results, name);
    else if (ordered) assertEquals(actual.length, results.length, name);
    else assertEquals(byText(actual), byText(results), name);
  }
}

/** Results in an order of their own, for input without one. */
function byText(results: readonly unknown[]): unknown[] {
  return [...results].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

placeSuite("conformance: operations", {
  "each over keys, with plain callbacks": (test) => runOverKeys(test, CALLBACKS["plain callbacks"]),
  "each over keys, with async callbacks": (test) => runOverKeys(test, CALLBACKS["async callbacks"]),

  "nothing comes out where nothing went in": async (test) => {
    for (const chain of EMPTY_CHAINS) {
      assertEquals(await test.results(`GB()${chain}.run("nothing:*")`), [], chain);
    }
  },

  "global operations see the records of all shards": async (test) => {
    const numbers = Array.from({ length: 3_000 }, (_, n) => n);
    await test.pipeline(numbers.map((n) => ["SET", `n:${n}`, n]));
    const results = (chain: string) =>
      test.results(`GB().map((r) => Number(r.value))${chain}.run("n:*")`);
    const tens = numbers.slice(0, 10).map((key) => ({ key: `${key}`, value: 300 }));
    assertEquals(await results(".sort()"), numbers);
    assertEquals(await results(".count()"), [3_000]);
    assertEquals(await results(".avg()"), [1_499.5]);
    assertEquals(await results(".aggregate(0, (a, r) => a + r, (a, p) => a + p)"), [4_498_500]);
    assertEquals(await results(".map((r) => r % 2).distinct().sort()"), [0, 1]);
    for (
      const group of [
        ".countBy((r) => r % 10)",
        ".groupBy((r) => r % 10, (k, a, r) => (a ?? 0) + 1)",
        ".batchGroupBy((r) => r % 10, (k, rs) => rs.length)",
        ".aggregateBy((r) => r % 10, 0, (k, a, r) => a + 1, (k, a, p) => a + p)",
        ".repartition((r) => r % 10).localGroupBy((r) => r % 10, (k, a, r) => (a ?? 0) + 1)",
        ".collect().localGroupBy((r) => r % 10, (k, a, r) => (a ?? 0) + 1)",
      ]
    ) {
      assertEquals(await results(`${group}.sort((a, b) => a.key - b.key)`), tens, group);
    }
  },

  "many shuffles follow one another": async (test) => {
    await test.pipeline(Array.from({ length: 500 }, (_, n) => ["SET", `n:${n}`, n]));
    const results = await test.results(`GB().map((r) => Number(r.value))
      .repartition((r) => r).map(async (r) => r + 1).repartition((r) => r % 7)
      .countBy((r) => r % 50).repartition((r) => r.value).collect().repartition((r) => r.key)
      .batchGroupBy((r) => r.value, (k, rs) => rs.length).run("n:*")`);
    assertEquals(results, [{ key: "10", value: 50 }]);
  },
});

engineSuite("conformance: operations over generators", {
  ...Object.fromEntries(
    Object.entries(CALLBACKS).map(([kind, prelude]) => [
      `each over a generator, with ${kind}`,
      (test: TestEngine) => runOverGenerator(test, prelude),
    ]),
  ),
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
