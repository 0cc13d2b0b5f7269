import {
  type CommandArgument,
  GB,
  GearsBuilder,
  type KeysRecord,
  type KeyValue,
  type Reply,
  type RunResult,
  type StreamRecord,
  type Transaction,
} from "../../sdk/mod.ts";
import type * as sdk from "../../sdk/mod.ts";
import { type Equal, expectType, type RecordOf } from "./expect_type.ts";

// What is checked here is checked by the compiler; the functions are never called.

Deno.test("types: each reader has records of its own", () => {
  (() => {
    const keys = GB();
    expectType<Equal<RecordOf<typeof keys>, KeysRecord>>();
    const named = new GearsBuilder("KeysReader", "text:*", "counts words");
    expectType<Equal<RecordOf<typeof named>, KeysRecord>>();
    const names = GB("KeysOnlyReader");
    expectType<Equal<RecordOf<typeof names>, string>>();
    const stream = GB("StreamReader");
    expectType<Equal<RecordOf<typeof stream>, StreamRecord>>();
    const shards = GB("ShardsIDReader");
    expectType<Equal<RecordOf<typeof shards>, string>>();
    const command = GB("CommandReader");
    expectType<Equal<RecordOf<typeof command>, string[]>>();
    const time = GB("TimeReader");
    expectType<Equal<RecordOf<typeof time>, number>>();
    // @ts-expect-error there is no such reader
    GB("PythonReader");
    // @ts-expect-error a pattern is text
    GB("KeysReader", 5);
    // @ts-expect-error a generator is a function
    GB("GeneratorReader", [1, 2]);
  });
});

Deno.test("types: a record of KeysReader is told apart by its type", () => {
  GB().map((record) => {
    expectType<Equal<typeof record.key, string>>();
    expectType<Equal<typeof record.event, string | null>>();
    switch (record.type) {
      case "string":
        expectType<Equal<typeof record.value, string | Uint8Array>>();
        return 0;
      case "zset":
        expectType<
          Equal<typeof record.value, { member: string | Uint8Array; score: number }[]>
        >();
        return record.value.length;
      case "hash":
        expectType<Equal<typeof record.value, Record<string, string | Uint8Array>>>();
        return 0;
      case "stream":
        expectType<Equal<(typeof record.value)[number]["id"], string>>();
        return 0;
      case "list":
      case "set":
        expectType<Equal<typeof record.value, (string | Uint8Array)[]>>();
        return 0;
      default:
        expectType<Equal<typeof record.value, null>>();
        return 0;
    }
  });
});

Deno.test("types: flow through local operations", () => {
  const names = () => GB("KeysOnlyReader");
  const length = names().map((name) => name.length);
  expectType<Equal<RecordOf<typeof length>, number>>();
  const awaited = names().map((name) => Promise.resolve(name.length));
  expectType<Equal<RecordOf<typeof awaited>, number>>();
  const parts = names().flatMap((name) => name.split(":"));
  expectType<Equal<RecordOf<typeof parts>, string>>();
  const one = names().flatMap((name) => name.length);
  expectType<Equal<RecordOf<typeof one>, number>>();
  const later = names().flatMap((name) => Promise.resolve([name.length]));
  expectType<Equal<RecordOf<typeof later>, number>>();
  const kept = names().filter((name) => name.length > 1).forEach((name) => name.trim());
  expectType<Equal<RecordOf<typeof kept>, string>>();
  const keptLater = names().filter((name) => Promise.resolve(name.length > 1));
  expectType<Equal<RecordOf<typeof keptLater>, string>>();
  const hashes = GB().filter((r): r is KeysRecord & { type: "hash" } => r.type === "hash");
  expectType<Equal<RecordOf<typeof hashes>["type"], "hash">>();
  const sum = names().accumulate((total: number | undefined, name) => (total ?? 0) + name.length);
  expectType<Equal<RecordOf<typeof sum>, number>>();
  const sumLater = names().accumulate<number>((total, name) =>
    Promise.resolve((total ?? 0) + name.length)
  );
  expectType<Equal<RecordOf<typeof sumLater>, number>>();
  const slice = length.limit(10, 5).collect().distinct().sort((a, b) => a - b);
  expectType<Equal<RecordOf<typeof slice>, number>>();
  // @ts-expect-error a record is text
  names().map((name: number) => name);
  // @ts-expect-error there is no such method
  names().map((name) => name.size());
  // @ts-expect-error the callback is missing
  (() => names().map());
  // @ts-expect-error a limit is a number
  (() => names().limit("10"));
});

Deno.test("types: flow through grouping and global operations", () => {
  const names = () => GB("KeysOnlyReader");
  const counted = names().countBy((name) => name.length);
  expectType<Equal<RecordOf<typeof counted>, KeyValue<number>>>();
  const grouped = names().groupBy((name) => name[0], (_key, all: string[] | undefined, name) => [
    ...all ?? [],
    name,
  ]);
  expectType<Equal<RecordOf<typeof grouped>, KeyValue<string[]>>>();
  const local = names().localGroupBy<number>((name) => name, (_key, count) => (count ?? 0) + 1);
  expectType<Equal<RecordOf<typeof local>, KeyValue<number>>>();
  const batches = names().batchGroupBy((name) => name[0], (key, all) => `${key}${all.length}`);
  expectType<Equal<RecordOf<typeof batches>, KeyValue<string>>>();
  const asyncBatches = names().batchGroupBy((n) => n, (_key, all) => Promise.resolve(all.length));
  expectType<Equal<RecordOf<typeof asyncBatches>, KeyValue<number>>>();
  const total = names().aggregate(0, (sum, name) => sum + name.length, (sum, part) => sum + part);
  expectType<Equal<RecordOf<typeof total>, number>>();
  const totals = names().aggregateBy(
    (name) => name[0],
    { n: 0 },
    (_key, sum, name) => ({ n: sum.n + name.length }),
    (_key, sum, part) => ({ n: sum.n + part.n }),
  );
  expectType<Equal<RecordOf<typeof totals>, KeyValue<{ n: number }>>>();
  const count = names().count();
  expectType<Equal<RecordOf<typeof count>, number>>();
  const mean = names().avg((name) => name.length);
  expectType<Equal<RecordOf<typeof mean>, number>>();
  const moved = names().repartition((name) => name).sort({ reverse: true });
  expectType<Equal<RecordOf<typeof moved>, string>>();
  const chain = counted.filter(({ value }) => value > 1).map(({ key }) => key).flatMap((k) => [k]);
  expectType<Equal<RecordOf<typeof chain>, string>>();
  // @ts-expect-error the mean is of numbers
  names().avg((name) => name);
  // @ts-expect-error the accumulator is a number
  names().aggregate(0, (sum, name) => sum + name, (sum, part) => sum + part);
  // @ts-expect-error value is a number
  counted.map(({ value }) => value.trim());
});

Deno.test("types: run() takes what the reader takes and promises records", () => {
  (() => {
    const result = GB("KeysOnlyReader").map((name) => name.length).run("a*", { count: 5 });
    expectType<Equal<typeof result, Promise<RunResult<number>>>>();
    GB().run("a*", { noScan: true, readValue: false, mode: "async_local", window: 5 });
    GB("StreamReader").run("s", { fromId: "0-0" });
    GB("GeneratorReader").run(function* () {
      yield 1;
    });
    GB("GeneratorReader").run(async function* () {
      yield await Promise.resolve(1);
    });
    GB("GeneratorReader").run(() => new Set([1]));
    GB("ShardsIDReader").run();
    // @ts-expect-error a pattern is text
    GB().run(5);
    // @ts-expect-error there is no such mode
    GB().run("*", { mode: "sync" });
    // @ts-expect-error the option is another reader's
    GB().run("*", { fromId: "0-0" });
    // @ts-expect-error a generator gives something iterable
    GB("GeneratorReader").run(() => 5);
    // @ts-expect-error it waits for events
    GB("CommandReader").run("x");
  });
});

Deno.test("types: the functions of the SDK", () => {
  ((api: typeof sdk) => {
    expectType<Equal<ReturnType<typeof api.execute>, Promise<Reply>>>();
    api.execute("SET", "key", 1, 2n, true, new Uint8Array());
    const queue = (tx: Transaction) => tx.execute("INCR", "a");
    expectType<Equal<ReturnType<typeof api.atomic>, Promise<Reply[]>>>();
    api.atomic(queue);
    api.atomic(["a"], async (tx) => queue(await Promise.resolve(tx)));
    const set = api.configGet("a");
    expectType<Equal<typeof set, string | undefined>>();
    const withFallback = api.configGet("a", "b");
    expectType<Equal<typeof withFallback, string>>();
    expectType<Equal<ReturnType<typeof api.flatError>, never>>();
    expectType<Equal<typeof api.env, Readonly<Record<string, string>>>>();
    expectType<
      Equal<CommandArgument, string | number | bigint | boolean | Uint8Array>
    >();
    // @ts-expect-error null cannot be sent
    api.execute("SET", "key", null);
    // @ts-expect-error there is no such level
    api.log("x", "loud");
    // @ts-expect-error it is only read
    api.env.NAME = "x";
  });
});
