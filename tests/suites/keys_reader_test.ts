import { assert, assertEquals } from "@std/assert";
import { placeSuite } from "../support/place_suite.ts";
import type { TestPlace } from "../support/test_place.ts";

/** The records of a script over `GB()`, by key. */
async function recordsByKey(
  test: TestPlace,
  pattern = "*",
  options = "{}",
): Promise<Record<string, unknown>> {
  const records = await test.results(`GB().run(${JSON.stringify(pattern)}, ${options})`);
  return Object.fromEntries(
    (records as { key: string }[]).map(({ key, ...rest }) => [key, rest]),
  );
}

const BINARY = new Uint8Array([0xff, 0x00, 0xfe]);

placeSuite("conformance: KeysReader", {
  "reads every type with its value": async (test) => {
    await test.pipeline([
      ["SET", "string", "grün"],
      ["SET", "number", 5],
      ["RPUSH", "list", "a", "b", "a"],
      ["HSET", "hash", "f", "1", "g", "2"],
      ["SADD", "set", "one"],
      ["ZADD", "zset", "-inf", "low", 1.5, "mid", "inf", "high"],
      ["XADD", "stream", "1-1", "f", "a", "g", "b"],
      ["XADD", "stream", "2-1", "f", "c"],
      ["SET", "empty", ""],
    ]);
    const records = await recordsByKey(test, "[^h]*");
    assertEquals(records, {
      string: { event: null, type: "string", value: "grün" },
      number: { event: null, type: "string", value: "5" },
      list: { event: null, type: "list", value: ["a", "b", "a"] },
      set: { event: null, type: "set", value: ["one"] },
      zset: {
        event: null,
        type: "zset",
        value: [
          { member: "low", score: -Infinity },
          { member: "mid", score: 1.5 },
          { member: "high", score: Infinity },
        ],
      },
      stream: {
        event: null,
        type: "stream",
        value: [{ id: "1-1", value: { f: "a", g: "b" } }, { id: "2-1", value: { f: "c" } }],
      },
      empty: { event: null, type: "string", value: "" },
    });
    assertEquals(await recordsByKey(test, "hash"), {
      hash: { event: null, type: "hash", value: { f: "1", g: "2" } },
    });
  },

  "gives bytes where they are no UTF-8": async (test) => {
    await test.pipeline([
      ["SET", "string", BINARY],
      ["RPUSH", "list", BINARY, "text"],
      ["HSET", "hash", "field", BINARY],
      ["SADD", "set", BINARY],
      ["ZADD", "zset", 1, BINARY],
      ["XADD", "stream", "1-1", "field", BINARY],
    ]);
    const records = await recordsByKey(test);
    const value = (key: string) => (records[key] as { value: unknown }).value;
    assertEquals(value("string"), BINARY);
    assertEquals(value("list"), [BINARY, "text"]);
    assertEquals(value("hash"), { field: BINARY });
    assertEquals(value("set"), [BINARY]);
    assertEquals(value("zset"), [{ member: BINARY, score: 1 }]);
    assertEquals(value("stream"), [{ id: "1-1", value: { field: BINARY } }]);
  },

  "takes names that mean something to objects": async (test) => {
    await test.ask("HSET", "hash", "__proto__", "p", "constructor", "c", "toString", "t");
    const [seen] = await test.results(`GB().map(({ value }) => [
      Object.keys(value).sort(), value["__proto__"], value.constructor, ({}).p,
    ]).run("hash")`);
    assertEquals(seen, [["__proto__", "constructor", "toString"], "p", "c", undefined]);
    await test.ask("SET", "__proto__", "x");
    const records = await test.results(`GB().map((r) => r.key).run("__proto__")`);
    assertEquals(records, ["__proto__"]);
  },

  "reads values of every size": async (test) => {
    const large = "x".repeat(5_000_000);
    const fields = Array.from({ length: 20_000 }, (_, n) => [`f${n}`, n]).flat();
    await test.pipeline([
      ["SET", "large", large],
      ["HSET", "hash", ...fields],
      ["RPUSH", "list", ...Array(50_000).fill("item")],
      ...Array.from({ length: 40 }, (_, n) => ["SET", `mega:${n}`, "m".repeat(300_000)]),
    ]);
    const sizes = await test.results(`GB().map(({ key, value }) =>
      [key, typeof value === "string" ? value.length : Object.keys(value).length]
    ).run()`) as [string, number][];
    const size = Object.fromEntries(sizes);
    assertEquals(sizes.length, 43);
    assertEquals([size.large, size.hash, size.list], [5_000_000, 20_000, 50_000]);
    assertEquals(size["mega:39"], 300_000);
  },

  "reads types that change from page to page": async (test) => {
    const commands = Array.from({ length: 6_000 }, (_, n) => {
      const key = `k:${n}`;
      if (n % 5 === 0) return ["HSET", key, "n", n];
      if (n % 5 === 1) return ["RPUSH", key, n];
      if (n % 5 === 2) return ["ZADD", key, n, "n"];
      return ["SET", key, n];
    });
    await test.pipeline(commands);
    const records = await test.results(`GB()
      .map(({ key, type, value }) => {
        const n = type === "hash" ? value.n : type === "list" ? value[0]
          : type === "zset" ? value[0].score : value;
        if (key !== "k:" + n) throw new Error(key + " has the value of another key");
        return type;
      }).countBy().run()`) as { key: string; value: number }[];
    const counts = Object.fromEntries(records.map(({ key, value }) => [key, value]));
    assertEquals(counts, { hash: 1_200, list: 1_200, zset: 1_200, string: 2_400 });
  },

  "finds what the pattern matches, each key once": async (test) => {
    await test.pipeline(
      Array.from({ length: 3_000 }, (_, n) => ["SET", n % 3 ? `a:${n}` : `b:${n}`, n]),
    );
    const count = async (pattern: string) => await test.results(`GB().count().run("${pattern}")`);
    assertEquals(await count("*"), [3_000]);
    assertEquals(await count("a:*"), [2_000]);
    assertEquals(await count("a:1"), [1]);
    assertEquals(await count("c:*"), []);
    const names = await test.results(`GB().map((r) => r.key).distinct().count().run("b:*")`);
    assertEquals(names, [1_000]);
  },

  "reads many keys, of which the pattern takes most": async (test) => {
    const commands = Array.from({ length: 70_000 }, (_, n) => {
      if (n % 100 === 0) return ["HSET", `a:${n}`, "n", n];
      return ["SET", n % 5 ? `a:${n}` : `b:{${n % 3000}}:${n}`, n];
    });
    for (let from = 0; from < commands.length; from += 10_000) {
      await test.pipeline(commands.slice(from, from + 10_000));
    }
    const sums = async (pattern: string) =>
      await test.results(`GB()
        .map(({ key, type, value }) => {
          const n = type === "hash" ? value.n : value;
          if (!key.endsWith(":" + n)) throw new Error(key + " has the value of another key");
          return Number(n);
        })
        .aggregate([0, 0], ([c, s], n) => [c + 1, s + n], ([c, s], [d, t]) => [c + d, s + t])
        .run(${JSON.stringify(pattern)})`);
    assertEquals(await sums("*"), [[70_000, 70_000 * 69_999 / 2]]);
    const some = commands.filter(([, key]) => /^a:.*[1-9]$/.test(String(key)));
    const sum = some.reduce((total, command) => total + Number(command.at(-1)), 0);
    assertEquals(await sums("a:*[^0]"), [[some.length, sum]]);
  },

  "noScan takes the pattern for one key, there or not": async (test) => {
    await test.pipeline([["SET", "a*", "star"], ["SET", "ab", "other"]]);
    assertEquals(await test.results(`GB().run("a*", { noScan: true })`), [
      { key: "a*", event: null, type: "string", value: "star" },
    ]);
    assertEquals(await test.results(`GB().run("none", { noScan: true })`), [
      { key: "none", event: null, type: "empty", value: null },
    ]);
    assertEquals(await test.results(`GB().run("none", { noScan: true, readValue: false })`), [
      { key: "none", event: null },
    ]);
  },

  "readValue false leaves type and value out": async (test) => {
    await test.pipeline([["SET", "a", 1], ["RPUSH", "b", 1]]);
    assertEquals(await recordsByKey(test, "*", "{ readValue: false }"), {
      a: { event: null },
      b: { event: null },
    });
  },

  "hides Pinion's own keys": async (test) => {
    await test.pipeline([["SET", "__pinion:x", 1], ["SET", "__pinion", 1], ["SET", "x", 1]]);
    assertEquals(Object.keys(await recordsByKey(test)).sort(), ["__pinion", "x"]);
    assertEquals(await test.results(`GB().run("__pinion:x", { noScan: true })`), []);
    const names = await test.results(`GB("KeysOnlyReader").run("__pinion*")`);
    assertEquals(names, ["__pinion"]);
  },

  "an empty database has no records": async (test) => {
    assertEquals(await test.results("GB().run()"), []);
  },

  "keys that vanish or change their type meanwhile do no harm": async (test) => {
    const commands = (n: number) =>
      [
        [["DEL", `k:${n}`], ["RPUSH", `k:${n}`, "l"]],
        [["DEL", `k:${n}`], ["HSET", `k:${n}`, "f", "h"]],
        [["DEL", `k:${n}`], ["ZADD", `k:${n}`, 1, "z"]],
        [["DEL", `k:${n}`], ["XADD", `k:${n}`, "*", "f", "x"]],
        [["DEL", `k:${n}`]],
        [["SET", `k:${n}`, "s"]],
      ][n * 7 % 6 ^ round++ % 2];
    let round = 0;
    let isOver = false;
    const hammer = (async () => {
      while (!isOver) {
        await test.pipeline(Array.from({ length: 2_000 }, (_, n) => commands(n)).flat());
      }
    })();
    try {
      for (let run = 0; run < 15; run++) {
        const { errors, results } = await test.run(
          `GB().map(({ type, value }) => type + typeof value).countBy().run("k:*")`,
        );
        assertEquals(errors, []);
        for (const { key } of results as { key: string }[]) {
          assert(/^(string)string$|^(list|hash|zset|stream)object$/.test(key), key);
        }
      }
    } finally {
      isOver = true;
      await hammer;
    }
  },
});
