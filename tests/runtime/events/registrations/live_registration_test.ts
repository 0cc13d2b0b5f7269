import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LocalCoordinator } from "../../../../coordinator/local.ts";
import { PinionError } from "../../../../errors.ts";
import type { RegistrationPlan } from "../../../../contract/plan/registration.ts";
import { LogBook } from "../../../../runtime/base/log_book.ts";
import { ShardRedis } from "../../../../runtime/base/shard_redis.ts";
import { SuspectGate } from "../../../../runtime/events/delivery/suspect_gate.ts";
import { LiveRegistration } from "../../../../runtime/events/registrations/live_registration.ts";
import { RegistrationStore } from "../../../../runtime/events/registrations/registration_store.ts";
import { ManagedServer } from "../../../../servers/managed_server.ts";
import { waitUntil } from "../../../support/wait_until.ts";

type LiveOptions = ConstructorParameters<typeof LiveRegistration>;
type Library = LiveOptions[0];
type Source = ReturnType<LiveOptions[3]["sources"]["KeysReader"]["open"]>;

const RUN = { isActing: true, pause: null } as const;
const PLAN: RegistrationPlan = {
  version: 1,
  trigger: { reader: "StreamReader" } as RegistrationPlan["trigger"],
  steps: [],
  mode: "async_local",
  collect: false,
  convertToStr: true,
  window: 1,
  failure: {
    policy: "continue",
    retryIntervalMs: 1,
    maxRetryIntervalMs: 1,
    attempts: 1,
    deadLetters: 1,
  },
  flow: {
    concurrency: 1,
    concurrencyPerKey: 1,
    ratePerSecond: null,
    debounceMs: null,
    dedupe: null,
  },
  name: "counts",
};

/** A source that writes down what is asked of it, and does it as a test says. */
class ScriptedSource implements Source {
  readonly description = "scripted";
  readonly backlog = null;
  hindrance: Source["hindrance"] = null;
  readonly calls: string[];
  /** What the next starts do; nothing once it is empty. */
  readonly starts: (() => void | Promise<void>)[] = [];
  /** Something is under way until this resolves. */
  underWay: Promise<void> = Promise.resolve();
  replay?: (fromId: string) => Promise<void>;

  constructor(calls: string[]) {
    this.calls = calls;
  }

  start(): void | Promise<void> {
    this.calls.push("start");
    return this.starts.shift()?.();
  }

  drain(): Promise<void> {
    return this.#end("drain");
  }

  stop(): Promise<void> {
    return this.#end("stop");
  }

  forget(): Promise<void> {
    this.calls.push("forget");
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.calls.push("close");
    return Promise.resolve();
  }

  async #end(how: string): Promise<void> {
    this.calls.push(how);
    await this.underWay;
    this.calls.push(`${how} is over`);
  }
}

interface Bench extends AsyncDisposable {
  readonly live: LiveRegistration;
  readonly store: RegistrationStore;
  readonly calls: string[];
  /** The sources that were opened, the present one last. */
  readonly sources: ScriptedSource[];
  readonly logs: string[];
  library(onRegistered?: () => Promise<void>): Library;
}

/** Opens a registration beside a real Redis. */
async function openBench(plan: RegistrationPlan = PLAN, prepare?: () => Promise<void>) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await ManagedServer.start());
  const lines: string[] = [];
  const logs = new LogBook(({ level, message }) => lines.push(`${level} ${message}`));
  const redis = stack.use(await ShardRedis.connect(server.address, logs, 10_000));
  const store = new RegistrationStore(redis, new LocalCoordinator(server.address));
  const [calls, sources] = [[] as string[], [] as ScriptedSource[]];
  const kind = {
    check() {},
    open() {
      sources.push(new ScriptedSource(calls));
      return sources.at(-1)!;
    },
  };
  const library = (onRegistered = prepare): Library => {
    const functions = { callOnRegistered: () => onRegistered?.() ?? Promise.resolve() };
    const session = { functions };
    const serving = { session, registrations: [{ id: "r", plan }] };
    return { name: "lib", redisUser: undefined, live: serving, load: () => serving } as never;
  };
  const live = new LiveRegistration(library(), { id: "r", plan } as LiveOptions[1], "v1", {
    ...{ logs, store, isClustered: () => false, gateOf: () => new SuspectGate() },
    sources: { KeysReader: kind, StreamReader: kind, CommandReader: kind, TimeReader: kind },
    keepExecutions: () => ({ clear: () => calls.push("clear executions") }) as never,
    onListens() {},
  });
  const owned = stack.move();
  const bench: Bench = {
    ...{ live, store, calls, sources, logs: lines, library },
    async [Symbol.asyncDispose]() {
      await live.close();
      await owned.disposeAsync();
    },
  };
  return bench;
}

Deno.test("a start that fails is tried again, and shown until it succeeds", async () => {
  await using bench = await openBench();
  const [source] = bench.sources;
  const fail = () => {
    throw new PinionError("REDIS_REFUSED", "no notifications");
  };
  source.starts.push(fail, fail);
  await bench.live.set(RUN);
  const { status, reason } = bench.live.info;
  assertEquals([status, reason], ["WAITING_FOR_RETRY_ON_FAILURE", "no notifications"]);
  await waitUntil(() => bench.live.info.status === "OK", 10_000);
  assertEquals(bench.live.info.reason, undefined);
  assertEquals(bench.calls.filter((call) => call === "start").length, 3);
  assertEquals(bench.logs, ["warning Registration r of lib takes no events yet: no notifications"]);
});

Deno.test("a start that failed is not tried again once the registration is paused", async () => {
  await using bench = await openBench();
  bench.sources[0].starts.push(() => Promise.reject(new Error("a fault of ours")));
  await bench.live.set(RUN);
  await bench.live.set({ isActing: true, pause: "PAUSED" });
  assertEquals(bench.live.info.status, "PAUSED");
  await bench.live.set(RUN);
  assertEquals(bench.live.info.status, "OK");
  assertEquals(bench.calls.filter((call) => call === "start").length, 2);
  assertMatch(bench.logs.join(), /takes no events yet: Error: a fault of ours/);
});

Deno.test("one that is resumed while a function runs takes events once that is over", async () => {
  for (const pause of ["PAUSED", "DRAINING"] as const) {
    await using bench = await openBench();
    const [source] = bench.sources;
    await bench.live.set(RUN);
    const running = Promise.withResolvers<void>();
    source.underWay = running.promise;
    await bench.live.set({ isActing: true, pause });
    const { status } = bench.live.info;
    const resumed = bench.live.set(RUN);
    const how = pause === "PAUSED" ? "stop" : "drain";
    // Everything happens that does not wait for the function.
    await new Promise((resolve) => setTimeout(resolve));
    const before = [...bench.calls];
    running.resolve();
    await resumed;
    assertEquals([status, before], [pause, ["start", how]]);
    assertEquals(bench.calls, ["start", how, `${how} is over`, "start"]);
    assertEquals(bench.live.info.status, "OK");
  }
});

Deno.test("one that is drained is shown as paused when nothing of it runs", async () => {
  await using bench = await openBench();
  await bench.live.set(RUN);
  const running = Promise.withResolvers<void>();
  bench.sources[0].underWay = running.promise;
  await bench.live.set({ isActing: true, pause: "DRAINING" });
  const { status } = bench.live.info;
  running.resolve();
  assertEquals(status, "DRAINING");
  await waitUntil(() => bench.live.info.status === "PAUSED");
});

Deno.test("what is wanted twice is done once; on standby it takes nothing", async () => {
  await using bench = await openBench();
  await bench.live.set({ isActing: false, pause: null });
  assertEquals(bench.calls, []);
  assertMatch(bench.live.info.reason ?? "", /does not act for its shard/);
  await Promise.all([bench.live.set(RUN), bench.live.set(RUN)]);
  assertEquals([bench.calls, bench.live.info.reason], [["start"], undefined]);
  await bench.live.set({ isActing: false, pause: null });
  await waitUntil(() => bench.calls.length === 3);
  assertEquals(bench.calls, ["start", "stop", "stop is over"]);
});

Deno.test("where a source stopped by itself, it begins anew when it is resumed", async () => {
  await using bench = await openBench();
  const [source] = bench.sources;
  await bench.live.set(RUN);
  bench.live.restart();
  await bench.live.set(RUN);
  assertEquals(bench.calls, ["start"]);
  source.hindrance = { status: "ABORTED", reason: "policy" };
  assertEquals([bench.live.info.status, bench.live.info.reason], ["ABORTED", "policy"]);
  bench.live.restart();
  await bench.live.set(RUN);
  assertEquals(bench.calls, ["start", "stop", "stop is over", "start"]);
});

Deno.test("a version that waits for the same keeps the source, another one gets its own", async () => {
  await using bench = await openBench();
  const { live } = bench;
  await live.set(RUN);
  const described = { ...PLAN, description: "counts things" };
  live.serve(bench.library(), { id: "r", plan: described }, "v2");
  await live.set(RUN);
  assertEquals([bench.sources.length, live.info.description], [1, "counts things"]);
  const other = { ...PLAN, mode: "sync" as const };
  live.serve(bench.library(), { id: "r", plan: other }, "v3");
  await live.set(RUN);
  assertEquals(bench.calls, ["start", "stop", "stop is over", "close", "start"]);
  assertEquals([bench.sources.length, live.info.mode, live.stored.plan.mode], [2, "sync", "sync"]);
});

Deno.test("one that ends finishes what it has begun, then nothing of it is left", async () => {
  for (const abortPending of [false, true]) {
    await using bench = await openBench();
    await bench.store.setStates(["r"], "PAUSED");
    await bench.store.setRegisteredVersion("r", "v1");
    await bench.live.set(RUN);
    await Promise.all([bench.live.end({ abortPending }), bench.live.end({ abortPending: false })]);
    const stop = abortPending ? ["stop", "stop is over"] : [];
    const drain = ["drain", "drain is over"];
    const rest = ["forget", "clear executions", "close"];
    assertEquals(bench.calls, ["start", ...stop, ...drain, ...rest]);
    assertEquals(await bench.store.registeredVersion("r"), null);
    assertEquals(await bench.store.states(), new Map());
    await bench.live.set(RUN);
    assertEquals(bench.calls.filter((call) => call === "start").length, 1);
  }
});

Deno.test("one that is closed with its runtime leaves what it keeps", async () => {
  await using bench = await openBench();
  await bench.store.setRegisteredVersion("r", "v1");
  await bench.live.set(RUN);
  await bench.live.close();
  assertEquals(bench.calls, ["start", "stop", "stop is over", "close"]);
  assertEquals(await bench.store.registeredVersion("r"), "v1");
});

Deno.test("one that was closed while its start was due again starts no more", async () => {
  await using bench = await openBench();
  bench.sources[0].starts.push(() => Promise.reject(new Error("not yet")));
  await bench.live.set(RUN);
  await bench.live.close();
  assertEquals(bench.calls.filter((call) => call === "start").length, 1);
  await bench.live.set(RUN);
  assertEquals(bench.calls.filter((call) => call === "start").length, 1);
});

Deno.test("a start that fails while its registration is closed is not tried again", async () => {
  await using bench = await openBench();
  const starting = Promise.withResolvers<void>();
  bench.sources[0].starts.push(() => starting.promise);
  const set = bench.live.set(RUN);
  await waitUntil(() => bench.calls.includes("start"));
  const closed = bench.live.close();
  starting.reject(new Error("not yet"));
  // A try that were due would be left over at the end of this test.
  await Promise.all([set, closed]);
  assertEquals(bench.calls.filter((call) => call === "start").length, 1);
});

Deno.test("onRegistered is called once for each version, before events are taken", async () => {
  const plan: RegistrationPlan = { ...PLAN, onRegistered: { callback: 0 } as never };
  const calls: string[] = [];
  await using bench = await openBench(plan, () => Promise.resolve(void calls.push("v1")));
  bench.sources[0].starts.push(() => void calls.push("start"));
  await bench.live.set({ isActing: false, pause: null });
  assertEquals(calls, []);
  await bench.live.set(RUN);
  await bench.live.set({ isActing: true, pause: "PAUSED" });
  await bench.live.set(RUN);
  assertEquals([calls, await bench.store.registeredVersion("r")], [["v1", "start"], "v1"]);
  const failing = bench.library(() => {
    calls.push("v2");
    return Promise.reject(new PinionError("ISOLATE_DIED", "it died"));
  });
  bench.live.serve(failing, { id: "r", plan }, "v2");
  await bench.live.set(RUN);
  assertEquals([calls, await bench.store.registeredVersion("r")], [["v1", "start", "v2"], "v2"]);
  assertEquals(bench.logs, ["warning onRegistered of counts failed: it died"]);
});

Deno.test("onRegistered is not called where another runtime has called it", async () => {
  const plan: RegistrationPlan = { ...PLAN, onRegistered: { callback: 0 } as never };
  await using bench = await openBench(plan, () => Promise.reject(new Error("called")));
  await bench.store.setRegisteredVersion("r", "v1");
  await bench.live.set(RUN);
  assertEquals([bench.calls, bench.logs], [["start"], []]);
});

Deno.test("only sources that keep what has happened are replayed, one change at a time", async () => {
  await using bench = await openBench();
  const { live, calls, sources: [source] } = bench;
  const error = await assertRejects(() => live.replay("1-0"), PinionError);
  assertEquals(error.code, "UNSUPPORTED");
  source.replay = (fromId) => {
    calls.push(`replay ${fromId}`);
    return fromId === "bad" ? Promise.reject(new Error("no such id")) : Promise.resolve();
  };
  const started = live.set(RUN);
  await live.replay("1-0");
  await started;
  await assertRejects(() => live.replay("bad"), Error, "no such id");
  await live.set({ isActing: true, pause: "PAUSED" });
  assertEquals(calls.slice(0, 4), ["start", "replay 1-0", "replay bad", "stop"]);
});

Deno.test("an end that fails does not keep the rest from being cleaned up", async () => {
  await using bench = await openBench();
  await bench.live.set(RUN);
  bench.sources[0].underWay = Promise.reject(new Error("stuck"));
  await bench.live.end({ abortPending: false });
  assertEquals(bench.calls.slice(-3), ["forget", "clear executions", "close"]);
  assert(bench.logs.some((line) => line.includes("Cannot drain the source of registration r")));
});
