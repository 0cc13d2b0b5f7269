import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { placeSuite } from "../support/place_suite.ts";
import { engineSuite } from "../support/engine_suite.ts";

/** What Redis answers to a malformed id, to the letter. */
const BAD_ID = "ERR Invalid stream ID specified as stream command argument";

placeSuite("conformance: other readers", {
  "KeysOnlyReader gives names, whatever COUNT its scans have": async (test) => {
    await test.pipeline(Array.from({ length: 500 }, (_, n) => ["SET", `k:${n}`, n]));
    await test.ask("HSET", "h", "f", "v");
    for (const options of ["{}", "{ count: 1 }", "{ count: 10 }", "{ count: 5000000 }"]) {
      const source = `GB("KeysOnlyReader").distinct().count().run("*", ${options})`;
      assertEquals(await test.results(source), [501], options);
    }
    assertEquals(await test.results(`GB("KeysOnlyReader").run("h")`), ["h"]);
    assertEquals(await test.results(`GB("KeysOnlyReader").run("none:*")`), []);
  },

  "KeysOnlyReader with noScan gives the name if the key is there": async (test) => {
    await test.pipeline([["SET", "a*", 1], ["SET", "ab", 1]]);
    const run = (key: string) =>
      test.results(`GB("KeysOnlyReader").run(${JSON.stringify(key)}, { noScan: true })`);
    assertEquals(await run("a*"), ["a*"]);
    assertEquals(await run("none"), []);
  },

  "KeysOnlyReader asks patternGenerator, which may be async": async (test) => {
    await test.pipeline([["SET", "a:1", 1], ["SET", "a:*", 1], ["SET", "b:1", 1]]);
    const run = (generator: string) =>
      test.run(`GB("KeysOnlyReader").sort().run("b:*", { patternGenerator: ${generator} })`);
    assertEquals((await run(`() => ["a:*", false]`)).results, ["a:*", "a:1"]);
    assertEquals((await run(`async () => ["a:*", true]`)).results, ["a:*"]);
    assertEquals((await run(`() => ["none", true]`)).results, []);
    const wrong = await run(`() => "a:*"`);
    assertEquals(
      new Set(wrong.errors),
      new Set(["patternGenerator must return [pattern, noScan]"]),
    );
    const failing = await run(`() => { throw new Error("no pattern"); }`);
    assertMatch(failing.errors[0], /^Error: no pattern \(script\.ts:1:\d+\)$/);
  },

  "StreamReader gives the entries after an id, in order": async (test) => {
    await test.pipeline([
      ["XADD", "s", "1-1", "f", "a", "g", "b"],
      ["XADD", "s", "1-2", "f", "c", "f", "d"],
      ["XADD", "s", "5-0", "f", new Uint8Array([0xff])],
    ]);
    assertEquals(await test.results(`GB("StreamReader").run("s")`), [
      { key: "s", id: "1-1", value: { f: "a", g: "b" } },
      { key: "s", id: "1-2", value: { f: "d" } },
      { key: "s", id: "5-0", value: { f: new Uint8Array([0xff]) } },
    ]);
    const ids = (fromId: string) =>
      test.results(`GB("StreamReader").map((r) => r.id).run("s", { fromId: "${fromId}" })`);
    assertEquals(await ids("1-1"), ["1-2", "5-0"]);
    assertEquals(await ids("2"), ["5-0"]);
    assertEquals(await ids("5-0"), []);
    assertEquals(await ids("9-9"), []);
  },

  "StreamReader gives thousands of entries": async (test) => {
    await test.pipeline(
      Array.from({ length: 5_000 }, (_, n) => ["XADD", "s", `${n + 1}-0`, "n", n]),
    );
    const records = await test.results(
      `GB("StreamReader").map(({ id, value }) => id + "=" + value.n).run("s")`,
    );
    assertEquals(records, Array.from({ length: 5_000 }, (_, n) => `${n + 1}-0=${n}`));
  },

  "StreamReader ends at the entry that was last when it began": async (test) => {
    await test.ask("XADD", "s", "*", "f", "v");
    const [count] = await test.results(`GB("StreamReader")
      .forEach(async () => { for (let n = 0; n < 50; n++) await execute("XADD", "s", "*", "f", n); })
      .count().run("s")`);
    assertEquals(count, 1);
  },

  "StreamReader of nothing, of a bad id, of another type": async (test) => {
    await test.pipeline([["SET", "text", 1], ["XADD", "s", "1-1", "f", "v"]]);
    const run = (key: string, fromId: string) =>
      test.run(`GB("StreamReader").run("${key}", { fromId: "${fromId}" })`);
    assertEquals(await run("none", "0-0"), { results: [], errors: [], convertToStr: true });
    for (const key of ["s", "none"]) {
      assertEquals((await run(key, "abc")).errors, [BAD_ID]);
      assertEquals((await run(key, "abc")).results, []);
    }
    assertEquals((await run("text", "0-0")).errors, [
      "WRONGTYPE Operation against a key holding the wrong kind of value",
    ]);
  },

  "GeneratorReader yields on every shard what its generator yields there": async (test) => {
    const shards = test.engine.clusterInfo().shards.length;
    const source = `const home = hashtag();
      GB("GeneratorReader").countBy().sort((a, b) => a.key < b.key ? -1 : 1)
        .run(function* () { yield "everywhere"; if (hashtag() === home) yield "here"; })`;
    assertEquals(await test.results(source), [
      { key: "everywhere", value: shards },
      { key: "here", value: 1 },
    ]);
  },

  "ShardsIDReader gives the id of each shard, or 1 where there is no cluster": async (test) => {
    const { clustered, shards } = test.engine.clusterInfo();
    const ids = clustered ? shards.map(({ id }) => id) : ["1"];
    assertEquals((await test.results(`GB("ShardsIDReader").run()`)).toSorted(), ids.toSorted());
  },
});

engineSuite("conformance: other readers on one shard", {
  "what a reader gave before it failed goes on to the end": async (test) => {
    await test.pipeline(Array.from({ length: 20_000 }, (_, n) => ["SET", `k:${n}`, n]));
    const { results, errors } = await test.run(`
      let denied;
      GB().map(() => denied ??= execute("ACL", "SETUSER", "default", "-scan"))
        .count().run("k:*", { window: 100 })`);
    await test.ask("ACL", "SETUSER", "default", "+@all");
    assertEquals(errors.length, 1);
    assertMatch(errors[0], /^NOPERM /);
    const [count] = results as number[];
    assertGreater(count, 0);
    assertLess(count, 20_000);
  },

  "GeneratorReader takes whatever can be iterated": async (test) => {
    const run = async (
      generator: string,
    ) => (await test.results(`GB("GeneratorReader").run(${generator})`));
    assertEquals(await run("function* () { yield 1; yield [2]; }"), [1, [2]]);
    assertEquals(await run("async function* () { yield 1; yield await execute('ECHO', 2); }"), [
      1,
      "2",
    ]);
    assertEquals(await run("() => [1, 2]"), [1, 2]);
    assertEquals(await run("() => new Set([1, 2])"), [1, 2]);
    assertEquals(await run("async () => [1, 2]"), [1, 2]);
    assertEquals(await run("async () => (async function* () { yield 1; })()"), [1]);
    assertEquals(await run("() => []"), []);
    assertEquals(await run("function* () { yield undefined; yield null; }"), [undefined, null]);
  },

  "GeneratorReader that throws midway ends with an error": async (test) => {
    for (const kind of ["function*", "async function*"]) {
      const { results, errors } = await test.run(
        `GB("GeneratorReader").map((r) => r + 1).run(${kind} () {
          yield 1; yield 2; throw new Error("dry");
        })`,
      );
      assertEquals(results, [2, 3]);
      assertEquals(errors, ["Error: dry (script.ts:2:35)"]);
    }
    const atOnce = await test.run(
      `GB("GeneratorReader").count().run(() => { throw new Error("at once"); })`,
    );
    assertEquals(atOnce.results, []);
    assertEquals(atOnce.errors, ["Error: at once (script.ts:1:49)"]);
  },

  "GeneratorReader of nothing iterable is an error": async (test) => {
    for (const value of ["5", "undefined", "{}", "Promise.resolve(null)"]) {
      const { results, errors } = await test.run(`GB("GeneratorReader").run(() => (${value}))`);
      assertEquals(results, []);
      assertEquals(errors, [
        "GeneratorReader: the function must return an iterable, such as what a generator " +
        "function returns",
      ]);
    }
  },
});
