import { assert, assertEquals } from "@std/assert";
import { engineSuite } from "../../../../support/engine_suite.ts";
import { waitUntil } from "../../../../support/wait_until.ts";
import {
  add,
  elements,
  numbers,
  register,
  registration,
  untilEmpty,
  untilRegistration,
} from "./stream_calls.ts";

const NOTE = `forEach((r) => execute("RPUSH", "seen", r.value.n))`;
const NOTE_SIZE = `.accumulate((list, r) => [...(list ?? []), r.value.n])
  .forEach((list) => execute("RPUSH", "seen", list.join(" ")))`;

engineSuite("events of streams", {
  "each message runs once, in order, and is deleted": async (test) => {
    await add(test, "s", 5);
    await register(test, `GB("StreamReader").${NOTE}.register({ prefix: "s" });`);
    await add(test, "s", 2_000, 5);
    assertEquals(await elements(test, "seen", 2_005), numbers(2_005));
    await untilEmpty(test, "s");
    const info = await untilRegistration(test, ({ numSuccess }) => numSuccess === 2_005);
    assertEquals([info.numTriggered, info.numFailures, info.numAborted], [2_005, 0, 0]);
    assert(info.avgEstimatedLagMs >= 0 && info.totalRunDurationMs > 0);
    await test.engine.undeploy("lib");
    assertEquals(await test.ask("XINFO", "GROUPS", "s"), []);
  },

  "records have the key, the id and the fields of their message": async (test) => {
    await register(
      test,
      `GB("StreamReader").forEach((r) => execute("RPUSH", "seen", JSON.stringify(r)))
        .register({ prefix: "s:*" });`,
    );
    await test.ask("XADD", "s:1", "5-7", "a", "1", "ä", "日本");
    await test.ask("XADD", "s:1", "5-8", "b", "");
    assertEquals((await elements(test, "seen", 2)).map((text) => JSON.parse(text)), [
      { key: "s:1", id: "5-7", value: { a: "1", ä: "日本" } },
      { key: "s:1", id: "5-8", value: { b: "" } },
    ]);
    await test.engine.undeploy("lib");
  },

  "async functions of one stream run one after the other, streams run side by side": async (
    test,
  ) => {
    await register(
      test,
      `const under = new Map();
      GB("StreamReader").forEach(async (r) => {
        const before = under.get(r.key) ?? 0;
        under.set(r.key, before + 1);
        const other = [...under.values()].filter((n) => n > 0).length;
        await new Promise((resolve) => setTimeout(resolve, 20));
        await execute("RPUSH", "seen", JSON.stringify([r.key, r.value.n, before, other]));
        under.set(r.key, before);
      }).register({ prefix: "s:*", trimStream: false });`,
    );
    await Promise.all(["s:1", "s:2", "s:3"].map((key) => add(test, key, 6)));
    const seen = (await elements(test, "seen", 18)).map((text) => JSON.parse(text));
    for (const key of ["s:1", "s:2", "s:3"]) {
      assertEquals(seen.filter(([of]) => of === key).map(([, n]) => n), numbers(6));
    }
    assertEquals(seen.every(([, , before]) => before === 0), true);
    assertEquals(Math.max(...seen.map(([, , , other]) => other)), 3);
    assertEquals(await test.ask("XLEN", "s:1"), 6);
    await test.engine.undeploy("lib");
  },

  "a batch waits until it is full; what is there at the start does not": async (test) => {
    await add(test, "s", 7);
    await register(test, `GB("StreamReader")${NOTE_SIZE}.register({ prefix: "s", batch: 5 });`);
    assertEquals(await elements(test, "seen", 2), ["0 1 2 3 4", "5 6"]);
    await add(test, "s", 4, 7);
    await waitUntil(async () => {
      const [, pending] = await test.ask("XINFO", "GROUPS", "s")
        .then((groups) => (groups as unknown[][])[0].slice(4, 6)) as [unknown, number];
      return pending === 4;
    });
    assertEquals(await test.ask("LLEN", "seen"), 2);
    await add(test, "s", 3, 11);
    assertEquals((await elements(test, "seen", 3))[2], "7 8 9 10 11");
    await test.engine.undeploy("lib");
  },

  "a batch that is not full runs when its duration is over": async (test) => {
    await register(
      test,
      `GB("StreamReader")${NOTE_SIZE}.register({ prefix: "s", batch: 100, duration: 300 });`,
    );
    await test.ask("XADD", "s", "*", "n", "0");
    assertEquals(await elements(test, "seen", 1), ["0"]);
    const started = performance.now();
    await add(test, "s", 3, 1);
    assertEquals((await elements(test, "seen", 2))[1], "1 2 3");
    assert(performance.now() - started >= 250);
    await test.engine.undeploy("lib");
  },

  "two registrations on a stream both get all of it, and it is trimmed when both are done": async (
    test,
  ) => {
    await register(
      test,
      `GB("StreamReader").${NOTE}.register({ prefix: "s" });
       let open; const gate = new Promise((resolve) => open = resolve);
       export async function go() { open(); }
       GB("StreamReader").forEach(async (r) => { await gate; await execute("RPUSH", "late", r.value.n); })
         .register({ prefix: "s*" });`,
    );
    await add(test, "s", 20);
    assertEquals(await elements(test, "seen", 20), numbers(20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assertEquals(await test.ask("XLEN", "s"), 20);
    await test.engine.invoke("lib", "go", new Uint8Array());
    assertEquals(await elements(test, "late", 20), numbers(20));
    await untilEmpty(test, "s");
    await test.engine.undeploy("lib");
  },

  "a registration that begins at the end sees only what comes after it": async (test) => {
    await add(test, "s:1", 3);
    await register(test, `GB("StreamReader").${NOTE}.register({ prefix: "s:*", fromId: "$" });`);
    await add(test, "s:1", 2, 3);
    await add(test, "s:2", 2, 10);
    assertEquals((await elements(test, "seen", 4)).sort(), ["10", "11", "3", "4"]);
    await test.restart();
    await add(test, "s:2", 1, 12);
    assertEquals((await elements(test, "seen", 5))[4], "12");
    await test.engine.undeploy("lib");
  },

  "pending messages of another consumer, and of a runtime that is gone, run": async (test) => {
    await register(test, `GB("StreamReader").${NOTE}.register({ prefix: "s" });`);
    await add(test, "s", 1);
    await elements(test, "seen", 1);
    const { id } = registration(test);
    await test.engine.pauseRegistrations([id], "pause");
    await add(test, "s", 10, 1);
    const group = `pinion:${id}`;
    await test.ask("XREADGROUP", "GROUP", group, "dead", "COUNT", 4, "STREAMS", "s", ">");
    await test.ask("XREADGROUP", "GROUP", group, "pinion", "COUNT", 4, "STREAMS", "s", ">");
    await test.engine.resumeRegistrations([id]);
    assertEquals(await elements(test, "seen", 11), numbers(11));
    await untilEmpty(test, "s");
    await test.engine.undeploy("lib");
  },

  "a rate is kept over all streams": async (test) => {
    await add(test, "s:1", 60);
    await add(test, "s:2", 60);
    const started = performance.now();
    await register(
      test,
      `GB("StreamReader").${NOTE}.register({ prefix: "s:*", ratePerSecond: 200 });`,
    );
    await elements(test, "seen", 120);
    // A tenth of a second's worth may begin at once.
    assert(performance.now() - started >= 450);
    await test.engine.undeploy("lib");
  },

  "thousands of streams share what may be under way": async (test) => {
    const keys = numbers(1_500).map((n) => `s:${n}`);
    await test.pipeline(keys.map((key) => ["XADD", key, "*", "n", key]));
    await register(test, `GB("StreamReader").${NOTE}.register({ prefix: "s:*" });`);
    await test.pipeline(keys.map((key) => ["XADD", key, "*", "n", key + "!"]));
    const seen = await elements(test, "seen", 3_000);
    assertEquals(new Set(seen).size, 3_000);
    await test.engine.undeploy("lib");
  },

  "an upgrade goes on where the version before has ended; nothing is lost or run twice": async (
    test,
  ) => {
    const version = (name: string) =>
      `GB("StreamReader").forEach(async (r) => {
        await execute("RPUSH", "seen", r.value.n);
        await execute("INCR", "${name}");
      }).register({ prefix: "s" });`;
    await register(test, version("one"));
    const adding = (async () => {
      for (let from = 0; from < 3_000; from += 100) {
        await add(test, "s", 100, from);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await elements(test, "seen", 300);
    await register(test, version("two"));
    await adding;
    assertEquals(await elements(test, "seen", 3_000), numbers(3_000));
    const [one, two] = await test.ask("MGET", "one", "two") as string[];
    assertEquals(Number(one) + Number(two), 3_000);
    assert(Number(one) > 0 && Number(two) > 0);
    await test.engine.undeploy("lib");
  },
});
