import { assertEquals, assertLess } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";

/** `track` counts how many calls of it are under way; `report` shows the greatest number. */
const PRELUDE = `
let running = 0, most = 0;
const track = async (r) => {
  most = Math.max(most, ++running);
  await execute("ECHO", "x");
  if (r % 3 === 0) await execute("ECHO", "more");
  running--;
  return r;
};
const numbers = (count) => function* () { for (let n = 0; n < count; n++) yield n; };
const report = (makeRun) => GB("GeneratorReader").map(async () => {
  const { results, errors } = await makeRun();
  return { results, errors, most };
}).run(() => [0]);
`;

interface Report {
  readonly results: readonly unknown[];
  readonly errors: readonly string[];
  readonly most: number;
}

function countTo(count: number, from = 0): number[] {
  return Array.from({ length: count - from }, (_, n) => from + n);
}

engineSuite("conformance: flow of records", {
  "no more promises are outstanding than the window allows, and order is kept": async (test) => {
    for (const [window, count] of [[1, 50], [7, 500], [1_000, 5_000]]) {
      for (const step of ["map", "filter", "forEach", "flatMap"]) {
        const [report] = await test.results(`${PRELUDE}
          report(() =>
            GB("GeneratorReader").${step}(track).run(numbers(${count}), { window: ${window} }));
        `) as Report[];
        assertEquals(report.errors, []);
        assertEquals(report.results, countTo(count, step === "filter" ? 1 : 0), step);
        assertEquals(report.most, Math.min(window, count), `${step}, window ${window}`);
      }
    }
  },

  "the window holds for all batches of a step, whatever comes before it": async (test) => {
    const [report] = await test.results(`${PRELUDE}
      async function* slowly() { for (let n = 0; n < 40; n++) yield await execute("ECHO", n); }
      report(() => GB("GeneratorReader")
        .flatMap(async (r) => Array(30).fill(r))
        .map(track)
        .run(slowly, { window: 8 }));
    `) as Report[];
    assertEquals(report.results, countTo(40).flatMap((n) => Array(30).fill(String(n))));
    assertEquals(report.most, 8);
  },

  "accumulators and groups are called for one record at a time": async (test) => {
    const chains: readonly (readonly [chain: string, results: readonly unknown[]])[] = [
      [".accumulate(async (a, r) => (a ?? 0) + await track(r))", [499_500]],
      [".groupBy((r) => 'k', async (k, a, r) => (a ?? 0) + await track(r))", [{
        key: "k",
        value: 499_500,
      }]],
    ];
    for (const [chain, results] of chains) {
      const [report] = await test.results(
        `${PRELUDE} report(() => GB("GeneratorReader")${chain}.run(numbers(1000)));`,
      ) as Report[];
      assertEquals(report.results, results);
      assertEquals(report.most, 1);
    }
  },

  "commands of a window travel together": async (test) => {
    const started = performance.now();
    const results = await test.results(`${PRELUDE}
      GB("GeneratorReader").map(async (r) => await execute("ECHO", r)).count().run(numbers(50000));
    `);
    assertEquals(results, [50_000]);
    assertLess(performance.now() - started, 10_000);
  },

  "a limit stops a generator without an end": async (test) => {
    const outcome = await test.run(`
      let cleanedUp = false;
      GB("GeneratorReader").map(async () => {
        const { results } = await GB("GeneratorReader").filter((n) => n % 1000 === 0).limit(3, 1)
          .run(function* () {
            try { for (let n = 0;; n++) yield n; } finally { cleanedUp = true; }
          });
        return [results, cleanedUp];
      }).run(() => [0]);`);
    assertEquals(outcome.results, [[[1000, 2000, 3000], true]]);
  },

  "a limit stops a generator of a million records early": async (test) => {
    const [results, read] = await test.results(`
      let made = 0;
      GB("GeneratorReader").flatMap(async () => {
        const run = GB("GeneratorReader").limit(10)
          .run(function* () { for (; made < 1e6; made++) yield made; });
        return [[(await run).results, made]];
      }).run(() => [0]);`).then(([pair]) => pair as [number[], number]);
    assertEquals(results, countTo(10));
    assertLess(read, 10_000);
  },

  "steps before a limit are not called for records that it drops": async (test) => {
    const [called] = await test.results(`
      const called = {};
      const count = (name) => (r) => { called[name] = (called[name] ?? 0) + 1; return r; };
      const numbers = function* () { for (let n = 0; n < 5000; n++) yield n; };
      GB("GeneratorReader").map(async () => {
        await GB("GeneratorReader").map(count("map")).limit(5).run(numbers);
        await GB("GeneratorReader").forEach(count("forEach")).limit(5, 10).run(numbers);
        await GB("GeneratorReader").filter(count("filter")).limit(0).run(numbers);
        await GB("GeneratorReader").map(count("sorted")).sort().limit(5).run(numbers);
        return called;
      }).run(() => [0]);`) as Record<string, number>[];
    assertEquals(called.map, 5);
    assertEquals(called.forEach, 15);
    assertEquals(called.filter, undefined);
    assertEquals(called.sorted, 5_000);
  },

  "a callback may run another pipeline, also after it awaited": async (test) => {
    await test.pipeline(countTo(200).map((n) => ["SET", `${n % 4}:${n}`, n]));
    const results = await test.results(`
      const counted = await GB("GeneratorReader").map(async (group) => {
        const first = await GB("KeysOnlyReader").count().run(group + ":*");
        const second = await GB().map((r) => Number(r.value)).avg().run(group + ":*");
        return [group, first.results[0], second.results[0]];
      }).run(() => [0, 1, 2, 3]);
      log("counted " + counted.results.length);`);
    assertEquals(results, [[0, 50, 98], [1, 50, 99], [2, 50, 100], [3, 50, 101]]);
    assertEquals(test.engine.listExecutions(), []);
  },

  "more pipelines at a time than a session reads at a time wait for their turn": async (test) => {
    await test.pipeline(countTo(300).map((n) => ["SET", `k:${n}`, n]));
    const results = await test.results(`
      GB("GeneratorReader").map(async (n) =>
        (await GB().map((r) => r.value).run("k:" + n)).results[0]
      ).run(function* () { for (let n = 0; n < 300; n++) yield n; });`);
    assertEquals(results, countTo(300).map(String));
  },
});
