import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { RegistrationPlan } from "../../../../../contract/plan/registration.ts";
import { KeysSource } from "../../../../../runtime/events/sources/keys/keys_source.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

type SourceOptions = ConstructorParameters<typeof KeysSource>[0];
type Listener = Parameters<SourceOptions["events"]["listen"]>[0];

interface BenchOptions {
  readonly flow?: Partial<RegistrationPlan["flow"]>;
  readonly failure?: Partial<RegistrationPlan["failure"]>;
  /** Runs keys; the errors of those that fail. */
  readonly run?: (keys: readonly string[]) => Promise<Record<string, string>>;
  /** Asked before events are taken. */
  readonly check?: () => Promise<void>;
}

/** A source of key events whose events a test makes. */
function openBench(options: BenchOptions = {}) {
  const listeners = new Set<Listener>();
  const [seen, logs] = [[] as string[][], [] as string[]];
  let [skipped, taken, outage] = [0, 0, null as string | null];
  const events: SourceOptions["events"] = {
    description: "made by a test",
    get outage() {
      return outage;
    },
    check: () => options.check?.() ?? Promise.resolve(),
    listen(listener) {
      listeners.add(listener);
      const end = () => Promise.resolve(void listeners.delete(listener));
      return { ready: Promise.resolve(), gaps: { count: 0, totalMs: 0 }, end };
    },
  };
  const room: SourceOptions["room"] = {
    isFull: false,
    take: (count: number) => void (taken += count),
    give: (count: number) => void (taken -= count),
  } as unknown as SourceOptions["room"];
  const source = new KeysSource({
    ...{ plan: toPlan(options), title: "registration r", events, room },
    statistics: {
      skipped: (count: number) => void (skipped += count),
      ...{ failed() {}, began() {}, ended() {}, unfit() {}, aborted() {} },
    },
    log: (_level, message) => void logs.push(message),
    bury: () => Promise.resolve(),
    runner: {
      async deliver({ payload, onDone }) {
        if (payload.kind !== "keys") throw new TypeError("expected events of keys");
        const keys = payload.keys.map(String);
        seen.push(keys);
        const failed = await options.run?.(keys) ?? {};
        const done = [...keys.keys()];
        const failures = done.filter((at) => keys[at] in failed)
          .map((at) => ({ at, errors: [failed[keys[at]]], isFinal: false }));
        onDone({ done, failures });
      },
    },
  });
  return {
    ...{ source, seen, logs, listeners },
    happen: (...keys: string[]) => {
      for (const key of keys) for (const one of listeners) one.onKeyEvent(key, "set", 0);
    },
    fail: (reason: string | null) => void (outage = reason),
    counts: () => ({ skipped, waiting: taken }),
  };
}

function toPlan({ flow, failure }: BenchOptions): RegistrationPlan {
  return {
    trigger: {
      reader: "KeysReader",
      prefix: "*",
      eventTypes: null,
      keyTypes: null,
      commands: null,
    },
    flow: { ratePerSecond: null, debounceMs: null, dedupe: null, ...flow },
    failure: {
      ...{ policy: "continue", retryIntervalMs: 1, maxRetryIntervalMs: 1 },
      ...{ attempts: 1, deadLetters: 1, ...failure },
    },
  } as unknown as RegistrationPlan;
}

/** A function that runs until it is let go. */
function createGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { run: () => promise.then(() => ({})), open: resolve };
}

Deno.test("one that is paused and resumed while its function runs goes on taking events", async () => {
  for (const how of ["stop", "drain"] as const) {
    const gate = createGate();
    const bench = openBench({ run: gate.run });
    await bench.source.start();
    bench.happen("a");
    await waitUntil(() => bench.seen.length === 1);
    const ended = bench.source[how]();
    bench.happen("while it is paused");
    gate.open();
    await ended;
    await bench.source.start();
    bench.happen("b");
    await waitUntil(() => bench.seen.length === 2);
    assertEquals(bench.seen, [["a"], ["b"]], how);
    assertEquals(bench.listeners.size, 1);
    await bench.source.stop();
    assertEquals(bench.listeners.size, 0);
  }
});

Deno.test("one that is drained runs what waits; one that is stopped counts it as skipped", async () => {
  for (const [how, runs] of [["drain", 3], ["stop", 1]] as const) {
    const gate = createGate();
    const bench = openBench({ run: gate.run, failure: { policy: "retry" } });
    await bench.source.start();
    bench.happen("a");
    await waitUntil(() => bench.seen.length === 1);
    bench.happen("b", "c");
    assertEquals(bench.source.backlog, 2);
    const ended = bench.source[how]();
    gate.open();
    await ended;
    assertEquals(bench.seen.flat().length, runs, how);
    assertEquals(bench.counts(), { skipped: 3 - runs, waiting: 0 }, how);
    assertEquals(bench.source.backlog, 0);
  }
});

Deno.test("events wait while as many deliveries run as may, and are then run in order", async () => {
  for (const [policy, most] of [["continue", 4], ["retry", 1]] as const) {
    const gate = createGate();
    const bench = openBench({ run: gate.run, failure: { policy } });
    await bench.source.start();
    for (let n = 1; n <= most; n++) {
      bench.happen(`k${n}`);
      await waitUntil(() => bench.seen.length === n);
    }
    bench.happen("x", "y", "z");
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals([bench.seen.length, bench.source.backlog], [most, 3], policy);
    gate.open();
    await waitUntil(() => bench.source.backlog === 0);
    await bench.source.drain();
    assertEquals(bench.seen.flat().slice(most), ["x", "y", "z"]);
  }
});

Deno.test("a start that fails leaves nothing behind and can be tried again", async () => {
  let isRefused = true;
  const check = () => isRefused ? Promise.reject(new Error("no notifications")) : Promise.resolve();
  const bench = openBench({ check });
  await assertRejects(() => bench.source.start(), Error, "no notifications");
  assertEquals(bench.listeners.size, 0);
  isRefused = false;
  await Promise.all([bench.source.start(), bench.source.start()]);
  assertEquals(bench.listeners.size, 1);
  bench.happen("a");
  await waitUntil(() => bench.seen.length === 1);
  await bench.source[Symbol.asyncDispose]();
});

Deno.test("with the policy abort it takes no more, says why, and can begin anew", async () => {
  const bench = openBench({
    failure: { policy: "abort" },
    run: () => Promise.resolve({ bad: "Error: bad" }),
  });
  await bench.source.start();
  bench.happen("bad");
  await waitUntil(() => bench.source.hindrance !== null);
  assertEquals(bench.source.hindrance, { status: "ABORTED", reason: "Error: bad" });
  assertEquals([bench.logs, bench.listeners.size], [
    ["registration r was stopped: Error: bad"],
    0,
  ]);
  assertEquals(bench.counts().skipped, 1);
  await bench.source.start();
  assertEquals(bench.source.hindrance, null);
  bench.happen("good");
  await waitUntil(() => bench.seen.flat().includes("good"));
  await bench.source.stop();
});

Deno.test("an outage is shown while it listens, and interruptions stay counted", async () => {
  const bench = openBench();
  assertEquals(bench.source.description, "made by a test");
  bench.fail("the link is down");
  assertEquals(bench.source.hindrance, null);
  await bench.source.start();
  assertEquals(bench.source.hindrance?.reason, "the link is down");
  bench.fail(null);
  await bench.source.stop();
  await bench.source.start();
  assertMatch(bench.source.description, /^made by a test; events of 1 interruption, \d+ ms in all/);
  await bench.source.stop();
});

Deno.test("a key that changes often fires once it is quiet, or when it is drained", async () => {
  const bench = openBench({ flow: { debounceMs: 60_000 } });
  await bench.source.start();
  bench.happen("a", "b", "a");
  assertEquals([bench.seen, bench.source.backlog], [[], 2]);
  await bench.source.drain();
  assertEquals([bench.seen.flat().sort(), bench.counts().skipped], [["a", "b"], 0]);
  await bench.source.start();
  bench.happen("a");
  await bench.source.stop();
  assertEquals([bench.seen.flat().length, bench.counts()], [2, { skipped: 1, waiting: 0 }]);
});

Deno.test("at a rate no more begins than may, and a stop ends the wait", async () => {
  const bench = openBench({ flow: { ratePerSecond: 0.01 } });
  await bench.source.start();
  bench.happen("a", "b");
  await waitUntil(() => bench.seen.length === 1);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([bench.seen, bench.source.backlog], [[["a"]], 1]);
  await bench.source.stop();
  assertEquals(bench.counts(), { skipped: 1, waiting: 0 });
});
