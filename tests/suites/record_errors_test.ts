import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";

/** A script over the records 0 to 4 whose callback `fail` throws at record 2. */
function overFive(
  chain: string,
  fail = "(r) => { if (r === 2) throw new Error('no ' + r); ",
): string {
  return `const fail = (then) => ${fail} return then(r); };\n` +
    `GB("GeneratorReader")${chain}.run(() => [0, 1, 2, 3, 4]);`;
}

/** Each operation with a callback that fails for one record, and what still comes out. */
const CHAINS: Readonly<Record<string, readonly [chain: string, results: readonly unknown[]]>> = {
  map: [".map(fail((r) => r))", [0, 1, 3, 4]],
  flatMap: [".flatMap(fail((r) => [r, r]))", [0, 0, 1, 1, 3, 3, 4, 4]],
  forEach: [".forEach(fail((r) => r))", [0, 1, 3, 4]],
  filter: [".filter(fail((r) => r > 0))", [1, 3, 4]],
  "groupBy extractor": [".groupBy(fail((r) => 'k'), (k, a, r) => [...a ?? [], r])", [
    { key: "k", value: [0, 1, 3, 4] },
  ]],
  "repartition extractor": [".repartition(fail((r) => r))", [0, 1, 3, 4]],
  countBy: [".countBy(fail((r) => r % 2)).sort()", [
    { key: "0", value: 2 },
    { key: "1", value: 2 },
  ]],
  avg: [".avg(fail((r) => r))", [2]],
  "accumulate begins anew": [
    ".accumulate((a, r) => fail((r) => [...a ?? [], r])(r))",
    [[3, 4]],
  ],
  "aggregate begins anew from its zero value": [
    ".aggregate(100, (a, r) => fail((r) => a + r)(r), (a, part) => a + part)",
    [207],
  ],
  "groupBy discards what the key had": [
    ".groupBy((r) => r % 2, (k, a, r) => fail((r) => [...a ?? [], r])(r)).sort()",
    [{ key: "0", value: [4] }, { key: "1", value: [1, 3] }],
  ],
  "batchGroupBy drops the group": [
    ".batchGroupBy((r) => r % 2, (k, rs) => fail(() => rs)(k === '0' ? 2 : 0))",
    [{ key: "1", value: [1, 3] }],
  ],
};

engineSuite("conformance: records that fail", {
  "they go to the errors, once, and the rest goes on": async (test) => {
    for (const [name, [chain, results]] of Object.entries(CHAINS)) {
      const outcome = await test.run(overFive(chain));
      assertEquals<unknown>(outcome.results, results, name);
      assertEquals(outcome.errors, ["Error: no 2 (script.ts:1:52)"], name);
    }
  },

  "promises that reject do the same, where callbacks may be async": async (test) => {
    const fail = "async (r) => { await 0; if (r === 2) throw new Error('no ' + r); ";
    for (const [name, [chain, results]] of Object.entries(CHAINS)) {
      if (/extractor|countBy/.test(name)) continue;
      const outcome = await test.run(overFive(chain, fail));
      assertEquals<unknown>(outcome.results, results, name);
      assertEquals(outcome.errors, ["Error: no 2 (script.ts:1:67)"], name);
    }
  },

  "an extractor may not be async": async (test) => {
    const { results, errors } = await test.run(
      `GB("GeneratorReader").groupBy(async (r) => r, (k, a) => a).run(() => [1])`,
    );
    assertEquals(results, []);
    assertEquals(errors, [
      "TypeError: coroutine are not allow on extractor: use map() before it",
    ]);
  },

  "a comparator that fails gives one error and nothing else": async (test) => {
    const { results, errors } = await test.run(
      `GB("GeneratorReader").sort(() => { throw new Error("incomparable"); }).run(() => [2, 1])`,
    );
    assertEquals(results, []);
    assertEquals(errors, ["Error: incomparable (script.ts:1:42)"]);
  },

  "what avg cannot take is an error": async (test) => {
    const input = `[1, "x", null, "", [5], {}, undefined, NaN, "2", 3n]`;
    const { results, errors } = await test.run(
      `GB("GeneratorReader").avg().run(() => ${input})`,
    );
    assertEquals(results, [2]);
    assertEquals(errors.length, 7);
    for (const error of errors) assertStringIncludes(error, "could not convert to a number");
  },

  "whatever is thrown is shown": async (test) => {
    const { errors } = await test.run(`
      const thrown = [
        "text", 5, null, undefined, { a: 1 }, Symbol("s"), new TypeError("typed"), new Error(),
        Object.assign(new Error("named"), { name: "MyError" }), Object.create(null),
        Object.defineProperty(new Error(), "message", { get() { throw new Error("evil"); } }),
      ];
      GB("GeneratorReader").map((r) => { throw thrown[r]; }).run(() => thrown.keys());`);
    assertEquals(errors.map((error) => error.replace(/ \(script.*/, "")), [
      "thrown: text",
      "thrown: 5",
      "thrown: null",
      "thrown: undefined",
      "thrown: [object Object]",
      "thrown: Symbol(s)",
      "TypeError: typed",
      "Error",
      "MyError: named",
      "thrown: a value that cannot be shown",
      "an error that cannot be shown",
    ]);
  },

  "errors name the author's place, not ours": async (test) => {
    const { errors } = await test.run(`
function outer(record) {
  return inner(record);
}
function inner(record) {
  return record.missing.field;
}
GB("GeneratorReader").map(outer).run(() => [{}]);`);
    assertEquals(errors, [
      "TypeError: Cannot read properties of undefined (reading 'field') (script.ts:6:25)",
    ]);
  },

  "flatError gives its text and nothing else": async (test) => {
    const { errors } = await test.run(
      `GB("GeneratorReader").map(() => flatError("PAUSE as it is")).run(() => [1])`,
    );
    assertEquals(errors, ["PAUSE as it is"]);
  },

  "a failed execute names Redis' text and the place that awaited it": async (test) => {
    await test.ask("SET", "text", "x");
    const { errors } = await test.run(`GB("GeneratorReader").map(async (r) => {
  if (r === 1) return await execute("LPUSH", "text", 1);
  if (r === 2) return await Promise.all([execute("GET", "text"), execute("INCR", "text")]);
  return execute("NOSUCH");
}).run(() => [1, 2, 3]);`);
    assertEquals(errors, [
      "WRONGTYPE Operation against a key holding the wrong kind of value (script.ts:2:23)",
      "ERR value is not an integer or out of range (script.ts:3:23)",
      "ERR unknown command 'NOSUCH', with args beginning with: ",
    ]);
  },

  "results that cannot travel are errors of their own": async (test) => {
    const { results, errors } = await test.run(`GB("GeneratorReader").map((r) => {
      const circle = {};
      circle.self = circle;
      return [() => 1, Symbol("s"), { f() {} }, circle, "fine"][r];
    }).run(() => [0, 1, 2, 3, 4])`);
    assertEquals(results, ["fine"]);
    assertEquals(errors.length, 4);
    for (const error of errors) assertStringIncludes(error, "Cannot send a result: ");
  },

  "a thousand errors are kept, the others are counted": async (test) => {
    const { results, errors } = await test.run(
      `GB("GeneratorReader").map((n) => { if (n % 2) throw new Error(n); return n; })
        .run(function* () { for (let n = 0; n < 5000; n++) yield n; })`,
    );
    assertEquals(results.length, 2500);
    assertEquals(errors.length, 1001);
    assertMatch(errors[0], /^Error: 1 \(script\.ts/);
    assertEquals(errors[1000], "… and 1500 more errors");
  },

  "a long message is cut": async (test) => {
    const { errors } = await test.run(
      `GB("GeneratorReader").map(() => { throw new Error("x".repeat(1e6)); }).run(() => [1])`,
    );
    assert(errors[0].length < 10_000);
  },
});
