import { assert, assertEquals, assertMatch } from "@std/assert";
import { waitUntil } from "../../../../support/wait_until.ts";
import { StreamBench } from "./stream_bench.ts";

/** A function that runs until it is let go, and says when it has begun. */
function createGate() {
  const [begun, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run = async () => {
    begun.resolve();
    await open.promise;
  };
  return { run, begun: begun.promise, open: open.resolve };
}

Deno.test("pending ids whose messages are gone are acknowledged, what is there is run", async () => {
  // Ids of another consumer are taken over first, and the server drops gone ones of those.
  for (const consumer of ["pinion", "another"]) {
    await using bench = await StreamBench.open();
    await bench.add("s", 5);
    await bench.ask("XGROUP", "CREATE", "s", "pinion:r", "0");
    await bench.ask("XREADGROUP", "GROUP", "pinion:r", consumer, "COUNT", 4, "STREAMS", "s", ">");
    await bench.ask("XDEL", "s", "2-1", "4-1");
    const { source, seen } = bench.open({ trimStream: false });
    await source.start();
    await bench.untilAcknowledged("s");
    await waitUntil(() => seen.flat().length === 3);
    assertEquals(seen.flat(), ["1", "3", "5"], consumer);
  }
});

Deno.test("a stream all of whose pending messages are gone goes on with what is new", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 2);
  await bench.ask("XGROUP", "CREATE", "s", "pinion:r", "0");
  await bench.ask("XREADGROUP", "GROUP", "pinion:r", "pinion", "STREAMS", "s", ">");
  await bench.ask("XDEL", "s", "1-1", "2-1");
  const { source, seen } = bench.open();
  await source.start();
  await bench.untilAcknowledged("s");
  await bench.add("s", 1, 3);
  await waitUntil(() => seen.length > 0);
  assertEquals(seen, [["3"]]);
});

Deno.test("what a paused registration has not read, or not finished, stays in the stream", async () => {
  for (const [acknowledged, left] of [[2, 3], [1, 4], [0, 5]]) {
    await using bench = await StreamBench.open();
    await bench.add("s", 5);
    await bench.ask("XGROUP", "CREATE", "s", "pinion:paused", "0");
    await bench.ask("XREADGROUP", "GROUP", "pinion:paused", "x", "COUNT", 2, "STREAMS", "s", ">");
    for (let n = 1; n <= acknowledged; n++) await bench.ask("XACK", "s", "pinion:paused", `${n}-1`);
    const paused = bench.open({ id: "paused" });
    const running = bench.open();
    await running.source.start();
    await bench.untilAcknowledged("s");
    if (left < 5) await bench.untilLength("s", left);
    assertEquals(await bench.ask("XLEN", "s"), left);
    assertEquals(running.seen.flat(), ["1", "2", "3", "4", "5"]);
    await paused.source.start();
    await bench.untilLength("s", 0);
    assertEquals(paused.seen.flat(), ["1", "2", "3", "4", "5"].slice(acknowledged));
  }
});

Deno.test("nothing is deleted while a registration has not seen the stream at all", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 3);
  const waiting = bench.open({ id: "waiting" });
  const running = bench.open();
  await running.source.start();
  await bench.untilAcknowledged("s");
  await running.source.drain();
  assertEquals(await bench.ask("XLEN", "s"), 3);
  await waiting.source.start();
  await waitUntil(() => waiting.seen.flat().length === 3);
  await bench.ask("XADD", "s", "9-1", "n", 9);
  await running.source.start();
  await bench.untilLength("s", 0);
});

Deno.test("a registration that is not to trim deletes nothing, and its backlog is known", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 3);
  const gate = createGate();
  const { source, seen } = bench.open({ trimStream: false, run: gate.run });
  assertEquals(source.backlog, null);
  await source.start();
  await gate.begun;
  gate.open();
  await waitUntil(() => source.backlog === 0);
  assertEquals([seen.flat().length, await bench.ask("XLEN", "s")], [3, 3]);
});

Deno.test("messages that wait for their turn at a rate stay in the stream", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 3);
  const { source, seen } = bench.open({ ratePerSecond: 1 });
  await source.start();
  await waitUntil(async () => await bench.ask("XLEN", "s") !== 3);
  assertEquals([seen, await bench.ask("XLEN", "s")], [[["1"]], 2]);
  await source.stop();
  assertEquals(seen, [["1"]]);
});

Deno.test("one that is stopped and started while a function runs goes on behind it", async () => {
  for (const how of ["drain", "stop"] as const) {
    await using bench = await StreamBench.open();
    await bench.add("s", 1);
    const gate = createGate();
    const { source, seen } = bench.open({ run: gate.run });
    await source.start();
    await gate.begun;
    const ended = source[how]();
    await bench.add("s", 2, 2);
    gate.open();
    await ended;
    assertEquals(seen, [["1"]], how);
    await source.start();
    await bench.untilLength("s", 0);
    // What was ended before its outcome came has to be run again, or not, but nothing is left out.
    assertEquals([...new Set(seen.flat())], ["1", "2", "3"], how);
    if (how === "drain") assertEquals(seen.flat(), ["1", "2", "3"]);
    await bench.add("s", 1, 4);
    await bench.untilLength("s", 0);
  }
});

Deno.test("a message is acknowledged only once its dead letter is kept", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 2);
  const [asked, kept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { source } = bench.open({
    failure: { policy: "retry" },
    run: () => Promise.resolve({ 2: "Error: two" }),
    bury({ key, eventId }, { error, attempts }) {
      assertEquals([key, eventId, error, attempts], ["s", "2-1", "Error: two", 1]);
      asked.resolve();
      return kept.promise;
    },
  });
  await source.start();
  await asked.promise;
  await waitUntil(async () => (await bench.ask("XPENDING", "s", "pinion:r") as number[])[0] === 1);
  assertEquals(await bench.ask("XLEN", "s") as number > 0, true);
  kept.resolve();
  await bench.untilAcknowledged("s");
  await bench.untilLength("s", 0);
});

Deno.test("what comes before the registration is skipped once, and never again", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 2);
  const { source, seen } = bench.open({ fromId: "$", trimStream: false });
  await source.start();
  await bench.add("s", 1, 3);
  await waitUntil(() => seen.length === 1);
  await source.drain();
  await bench.add("s", 1, 4);
  await source.start();
  await waitUntil(() => seen.length === 2);
  assertEquals(seen, [["3"], ["4"]]);
});

Deno.test("a group begins behind the id that its registration names", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 4);
  const { source, seen } = bench.open({ fromId: "2-1", trimStream: false });
  await source.start();
  await waitUntil(() => seen.flat().length === 2);
  assertEquals(seen.flat(), ["3", "4"]);
});

Deno.test("a replay reads again from a message on, also of one that is paused", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 4);
  const { source, seen } = bench.open({ trimStream: false });
  await source.start();
  await waitUntil(() => seen.flat().length === 4);
  await bench.untilAcknowledged("s");
  await source.replay("3-1");
  await waitUntil(() => seen.flat().length === 6);
  assertEquals(seen.flat().slice(4), ["3", "4"]);
  await bench.untilAcknowledged("s");
  await source.drain();
  await source.replay("4-1");
  assertEquals(seen.flat().length, 6);
  await source.start();
  await waitUntil(() => seen.flat().length === 7);
});

Deno.test("one that is gone leaves no group, and its streams can be trimmed again", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s:1", 1);
  await bench.add("s:2", 1);
  const { source, seen } = bench.open({ prefix: "s:*", trimStream: false });
  await source.start();
  await waitUntil(() => seen.length === 2);
  await source.drain();
  await source.forget();
  for (const key of ["s:1", "s:2"]) assertEquals(await bench.ask("XINFO", "GROUPS", key), []);
});

Deno.test("with the policy abort it stops, says why, and what failed stays", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 3);
  let failed: Record<string, string> = { 2: "Error: two" };
  const { source, seen } = bench.open({
    failure: { policy: "abort" },
    run: () => Promise.resolve(failed),
  });
  await source.start();
  await waitUntil(() => source.hindrance !== null);
  assertEquals(source.hindrance, { status: "ABORTED", reason: "Error: two" });
  assert(await bench.ask("XLEN", "s") as number >= 1);
  failed = {};
  await source.stop();
  await source.start();
  assertEquals(source.hindrance, null);
  await bench.untilLength("s", 0);
  assert(seen.slice(1).flat().includes("2"));
  assertEquals(bench.logs, []);
});

Deno.test("messages wait for their batch to be full, or for as long as they may", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 1);
  const { source, seen } = bench.open({ batch: 3 });
  await source.start();
  await bench.untilLength("s", 0);
  for (const n of [2, 3, 4, 5]) await bench.add("s", 1, n);
  await bench.untilLength("s", 1);
  assertEquals(seen, [["1"], ["2", "3", "4"]]);
  const timed = bench.open({ id: "timed", prefix: "t", batch: 3, durationMs: 30 });
  await timed.source.start();
  await bench.add("t", 1);
  await bench.add("t", 1, 2);
  await waitUntil(() => timed.seen.flat().length === 2);
});

Deno.test("a stream that was deleted and made anew is read from its beginning", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 2, 8);
  const { source, seen } = bench.open({ trimStream: false });
  await source.start();
  await waitUntil(() => seen.flat().length === 2);
  await bench.untilAcknowledged("s");
  await bench.ask("DEL", "s");
  await bench.add("s", 2);
  await waitUntil(() => seen.flat().length === 4);
  assertEquals(seen.flat(), ["8", "9", "1", "2"]);
});

Deno.test("where the group alone was lost, it goes on behind what was finished", async () => {
  await using bench = await StreamBench.open();
  await bench.add("s", 2);
  const { source, seen } = bench.open({ trimStream: false });
  await source.start();
  await waitUntil(() => seen.flat().length === 2);
  await bench.untilAcknowledged("s");
  await bench.ask("XGROUP", "DESTROY", "s", "pinion:r");
  await bench.add("s", 1, 3);
  await waitUntil(() => seen.flat().length === 3);
  assertEquals(seen.flat(), ["1", "2", "3"]);
});

Deno.test("a key of another type is waited for until it is a stream", async () => {
  await using bench = await StreamBench.open();
  await bench.ask("SET", "s", "text");
  const { source, seen } = bench.open();
  await source.start();
  await bench.ask("DEL", "s");
  await bench.add("s", 1);
  await waitUntil(() => seen.length === 1, 10_000);
});

Deno.test("a connection that breaks is opened anew, and nothing is left out", async () => {
  await using bench = await StreamBench.open();
  const { source, seen } = bench.open();
  await source.start();
  await bench.add("s", 1);
  await bench.untilLength("s", 0);
  await bench.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await bench.add("s", 2, 2);
  await bench.untilLength("s", 0);
  assertEquals([...new Set(seen.flat())], ["1", "2", "3"]);
});

Deno.test("a user without the right to a stream is told so, and tries again", async () => {
  await using bench = await StreamBench.open();
  const { source } = bench.open();
  await bench.ask("ACL", "SETUSER", "default", "-xinfo");
  await source.start();
  await waitUntil(() => source.hindrance !== null);
  assertEquals(source.hindrance?.status, "WAITING_FOR_RETRY_ON_FAILURE");
  assertMatch(source.hindrance?.reason ?? "", /permission/);
  await bench.ask("ACL", "SETUSER", "default", "+xinfo");
  await bench.add("s", 1);
  await bench.untilLength("s", 0);
  assertEquals(source.hindrance, null);
});

Deno.test("streams of a prefix are found when they come, each in its order", async () => {
  await using bench = await StreamBench.open();
  await bench.add("p:1", 2);
  await bench.add("other", 1);
  const { source, seen } = bench.open({ prefix: "p:*" });
  await source.start();
  assertEquals(source.looksForStreams, true);
  assertEquals([source.matches("p:2"), source.matches("q")], [true, false]);
  await bench.untilLength("p:1", 0);
  await bench.add("p:2", 1, 7);
  await bench.hub.look();
  await bench.untilLength("p:2", 0);
  assertEquals([seen.flat(), bench.hub.following], [["1", "2", "7"], 2]);
  await source.drain();
  assertEquals([source.looksForStreams, bench.hub.following], [false, 0]);
  await bench.add("p:3", 1);
  await bench.hub.look();
  assertEquals([bench.hub.following, await bench.ask("XLEN", "other")], [0, 1]);
});
