import { assert, assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../../../errors.ts";
import { MAX_CHAIN_DEPTH } from "../../../../runtime/events/chains/chains.ts";
import { RegistrationAborted } from "../../../../runtime/events/delivery/policy_runner.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { type Delivered, ListenedList, openPolicyBench, type PolicyBench } from "./policy_bench.ts";

const never = new AbortController().signal;
const died = (code: "ISOLATE_DIED" | "LIMIT_TIME" = "ISOLATE_DIED") =>
  new PinionError(code, "it died");
const eventsOf = ({ deliveries }: PolicyBench) => deliveries.map(({ events }) => events.join());
const sorted = (places: readonly number[]) => [...places].sort((a, b) => a - b);
/** Lets everything happen that waits for nothing from outside. */
const turnOfTheLoop = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("what succeeds is settled once, in one delivery", async () => {
  const bench = openPolicyBench({ batch: 2, answer: (delivered) => delivered.report() });
  const list = new ListenedList(5);
  await bench.runner.run(list, never);
  assertEquals(list.settled, [0, 1, 2, 3, 4]);
  assertEquals(bench.deliveries.map(({ events, batch }) => [events.length, batch]), [[5, 2]]);
  assertEquals(bench.hindrances.at(-1), null);
});

Deno.test("an event is settled only when its dead letter is kept", async () => {
  const kept = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const bench = openPolicyBench({
    answer: (delivered) => delivered.report({ 1: "Error: no" }),
    bury: () => (asked.resolve(), kept.promise),
  });
  const list = new ListenedList(3);
  const run = bench.runner.run(list, never);
  await asked.promise;
  assertEquals(list.settled, [0, 2]);
  kept.resolve();
  await run;
  assertEquals(list.settled, [0, 2, 1]);
});

Deno.test("a dead letter that cannot be kept is tried again, without running the event", async () => {
  let tries = 0;
  const list = new ListenedList(1);
  const bench = openPolicyBench({
    failure: { attempts: 1 },
    answer: (delivered) => delivered.report({ 0: "Error: no" }),
    bury() {
      assertEquals(list.settled, []);
      if (++tries === 1) throw new Error("Redis is away");
      return Promise.resolve();
    },
  });
  await bench.runner.run(list, never);
  assertEquals([tries, bench.deliveries.length, list.settled], [2, 1, [0]]);
  assert(bench.hindrances.some((reason) => reason?.includes("Redis is away")));
  assertEquals(bench.hindrances.at(-1), null);
});

for (const attempts of [1, 2, 3]) {
  Deno.test(`an event that keeps failing is run ${attempts} times, then given up`, async () => {
    const bench = openPolicyBench({
      failure: { attempts },
      answer: (delivered, call) => delivered.report({ 0: `Error: number ${call}` }),
    });
    await bench.runner.run(new ListenedList(1), never);
    assertEquals(bench.deliveries.length, attempts);
    assertEquals(bench.letters, [{ key: "0", error: `Error: number ${attempts}`, attempts }]);
  });
}

Deno.test("attempts of 0 are tries without end", async () => {
  const bench = openPolicyBench({
    failure: { attempts: 0 },
    answer: (delivered, call) => delivered.report(call <= 12 ? { 0: "Error: not yet" } : {}),
  });
  const list = new ListenedList(1);
  await bench.runner.run(list, never);
  assertEquals([bench.deliveries.length, bench.letters, list.settled], [13, [], [0]]);
  assert(bench.hindrances.includes("try 12 failed: Error: not yet"));
});

Deno.test("of a batch that fails, only the event at fault becomes a dead letter", async () => {
  const bench = openPolicyBench({
    batch: 7,
    answer: (delivered) => delivered.report({ 5: "Error: five" }),
  });
  const list = new ListenedList(7);
  await bench.runner.run(list, never);
  assertEquals(bench.letters, [{ key: "5", error: "Error: five", attempts: 3 + 2 }]);
  assertEquals(sorted(list.settled), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(eventsOf(bench).slice(0, 4), ["0,1,2,3,4,5,6", "0,1,2,3,4,5,6", "0,1,2", "3,4,5,6"]);
});

Deno.test("what its author marked as final is not run again", async () => {
  const bench = openPolicyBench({
    failure: { attempts: 9 },
    answer: (delivered) => delivered.report({ 0: "Error: for good" }, true),
  });
  await bench.runner.run(new ListenedList(1), never);
  assertEquals([bench.deliveries.length, bench.letters.length], [1, 1]);
});

Deno.test("with the policy continue a failure is over, and nothing is kept of it", async () => {
  const bench = openPolicyBench({
    failure: { policy: "continue" },
    answer: (delivered) => delivered.report({ 1: "Error: no" }),
  });
  const list = new ListenedList(3);
  await bench.runner.run(list, never);
  assertEquals([list.settled, bench.deliveries.length, bench.letters], [[0, 1, 2], 1, []]);
});

Deno.test("with the policy continue Redis' own trouble is waited for all the same", async () => {
  const bench = openPolicyBench({
    failure: { policy: "continue" },
    answer: (delivered, call) => delivered.report(call === 1 ? { 1: "OOM no memory" } : {}),
  });
  const list = new ListenedList(3);
  await bench.runner.run(list, never);
  assertEquals([list.settled, eventsOf(bench)], [[0, 2, 1], ["0,1,2", "1"]]);
});

Deno.test("with the policy abort a failure ends the run and stays unsettled", async () => {
  const bench = openPolicyBench({
    failure: { policy: "abort" },
    answer: (delivered) =>
      delivered.reportOnly([0, 1], [{ at: 1, errors: ["no"], isFinal: false }]),
  });
  const list = new ListenedList(4);
  await assertRejects(() => bench.runner.run(list, never), RegistrationAborted, "no");
  assertEquals([list.settled, bench.letters], [[0], []]);
});

Deno.test("Redis' own trouble counts as no try, and one event looks whether it is over", async () => {
  const bench = openPolicyBench({
    failure: { attempts: 1 },
    answer(delivered, call) {
      const failure = { at: 0, errors: ["LOADING Redis is loading"], isFinal: false };
      if (call < 3) delivered.reportOnly([0], [failure]);
      else delivered.report();
    },
  });
  const list = new ListenedList(4);
  await bench.runner.run(list, never);
  assertEquals(eventsOf(bench), ["0,1,2,3", "0", "0", "1,2,3"]);
  assertEquals([list.settled, bench.letters], [[0, 1, 2, 3], []]);
  assert(bench.hindrances.includes("LOADING Redis is loading"));
});

Deno.test("after Redis' own trouble an event has as many tries as without it", async () => {
  const bench = openPolicyBench({
    failure: { attempts: 2 },
    answer: (delivered, call) =>
      delivered.report({ 0: call === 1 ? "OOM no memory" : "Error: no" }),
  });
  await bench.runner.run(new ListenedList(1), never);
  assertEquals(bench.deliveries.length, 3);
  assertEquals(bench.letters, [{ key: "0", error: "Error: no", attempts: 2 }]);
});

Deno.test("what was under way in an isolate that died is run one by one, alone", async () => {
  const bench = openPolicyBench({
    answer(delivered, call) {
      if (call > 1) return delivered.report();
      delivered.reportOnly([0]);
      throw died();
    },
  });
  const list = new ListenedList(3);
  await bench.runner.run(list, never);
  assertEquals(bench.deliveries.map(({ isSuspect }) => isSuspect), [false, true, true]);
  assertEquals([eventsOf(bench), list.settled], [["0,1,2", "1", "2"], [0, 1, 2]]);
  assertEquals(bench.deaths, []);
});

Deno.test("an event alone is blamed for the second death, and for the first limit", async () => {
  for (const [code, runs] of [["ISOLATE_DIED", 3], ["LIMIT_TIME", 2]] as const) {
    const bench = openPolicyBench({
      failure: { attempts: 1 },
      answer() {
        throw died(code);
      },
    });
    const list = new ListenedList(1);
    await bench.runner.run(list, never);
    assertEquals([bench.deliveries.length, bench.deaths], [runs, ["it died"]], code);
    assertEquals([bench.letters, list.settled], [[{ key: "0", error: "it died", attempts: 1 }], [
      0,
    ]]);
  }
});

Deno.test("what the isolate neither ran nor explained is run alone, then blamed", async () => {
  const bench = openPolicyBench({
    failure: { attempts: 1 },
    answer: (delivered) => delivered.reportOnly([]),
  });
  await bench.runner.run(new ListenedList(1), never);
  assertEquals(bench.deliveries.map(({ isSuspect }) => isSuspect), [false, true]);
  assertEquals(bench.letters[0].error, "The isolate did not run it");
});

Deno.test("a trouble of the library is waited for; what no waiting mends ends the run", async () => {
  const bench = openPolicyBench({
    answer(delivered, call) {
      if (call === 1) throw new PinionError("REDIS_UNAVAILABLE", "no link");
      if (call === 2) throw new PinionError("NO_LIBRARY", "gone");
      delivered.report();
    },
  });
  const list = new ListenedList(2);
  await assertRejects(() => bench.runner.run(list, never), PinionError, "gone");
  assertEquals([bench.deliveries.length, list.settled], [2, []]);
  assert(bench.hindrances.includes("no link"));
  const broken = openPolicyBench({
    answer() {
      throw new TypeError("a fault of ours");
    },
  });
  await assertRejects(() => broken.runner.run(list, never), TypeError, "a fault of ours");
});

Deno.test("lists overlap; what is run again waits for the lists before it", async () => {
  const gates = new Map<Delivered["events"][number], () => void>();
  const bench = openPolicyBench({
    async answer(delivered, call) {
      const [first] = delivered.events;
      if (call <= 2) await new Promise<void>((resolve) => gates.set(first, resolve));
      delivered.report(call === 2 ? { b0: "Error: once" } : {});
    },
  });
  const [one, two, three] = ["a", "b", "c"].map((name) => new ListenedList(1, { name }));
  const runs = [bench.runner.run(one, never), bench.runner.run(two, never)];
  await waitUntil(() => gates.size === 2);
  gates.get("b0")!();
  await turnOfTheLoop();
  runs.push(bench.runner.run(three, never));
  await turnOfTheLoop();
  assertEquals(eventsOf(bench), ["a0", "b0"]);
  gates.get("a0")!();
  await Promise.all(runs);
  assertEquals(eventsOf(bench), ["a0", "b0", "b0", "c0"]);
  assertEquals([one, two, three].map(({ settled }) => settled), [[0], [0], [0]]);
});

Deno.test("an end from outside ends a pause and a delivery; what is left stays unsettled", async () => {
  const stop = new AbortController();
  const bench = openPolicyBench({
    failure: { retryIntervalMs: 60_000, maxRetryIntervalMs: 60_000 },
    answer: (delivered) => delivered.report({ 0: "Error: no" }),
  });
  const list = new ListenedList(2);
  const run = bench.runner.run(list, stop.signal);
  await waitUntil(() => bench.hindrances.includes("try 1 failed: Error: no"));
  stop.abort(new Error("stopped"));
  await assertRejects(() => run, Error, "stopped");
  assertEquals([list.settled, bench.hindrances.at(-1), bench.deliveries.length], [[1], null, 1]);
  await assertRejects(() => bench.runner.run(list, stop.signal), Error, "stopped");
  assertEquals(bench.deliveries.length, 1);
});

Deno.test("an event that would make a chain too long is not run, and those beside it are", async () => {
  const bench = openPolicyBench({ answer: (delivered) => delivered.report() });
  const deep = MAX_CHAIN_DEPTH;
  const list = new ListenedList(5, { depths: [0, deep, deep - 1, 1, deep + 1] });
  await bench.runner.run(list, never);
  assertEquals([bench.chains, eventsOf(bench)], [["1", "4"], ["0", "2,3"]]);
  assertEquals(bench.deliveries.map(({ depths }) => depths), [[0], [deep - 1, 1]]);
  assertEquals(sorted(list.settled), [0, 1, 2, 3, 4]);
});

Deno.test("lists that follow each other are tried again, each by itself", async () => {
  const bench = openPolicyBench({
    answer: (delivered, call) => delivered.report(call % 2 === 1 ? { 0: "Error: once" } : {}),
  });
  for (const list of [new ListenedList(1), new ListenedList(1)]) {
    await bench.runner.run(list, never);
    assertEquals(list.settled, [0]);
  }
  assertEquals(bench.deliveries.length, 4);
});

Deno.test("a delivery that an end from outside cut short is not delivered again", async () => {
  for (const ending of ["resolves", "dies", "has reported all"] as const) {
    const stop = new AbortController();
    const bench = openPolicyBench({
      answer(delivered) {
        stop.abort(new Error("stopped"));
        if (ending === "has reported all") return delivered.report();
        delivered.reportOnly([0]);
        if (ending === "dies") throw died();
      },
    });
    const list = new ListenedList(3);
    await assertRejects(() => bench.runner.run(list, stop.signal), Error, "stopped", ending);
    assertEquals(bench.deliveries.length, 1, ending);
    assertEquals(list.settled, ending === "has reported all" ? [0, 1, 2] : [0], ending);
  }
});

Deno.test("a runner's deliveries can be told to end", async () => {
  const stop = new AbortController();
  const bench = openPolicyBench({ answer: (delivered) => delivered.report() });
  await bench.runner.run(new ListenedList(1), stop.signal);
  assertEquals(bench.deliveries[0].signal, stop.signal);
});
