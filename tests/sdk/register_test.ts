import { assertEquals, assertThrows } from "@std/assert";
import { compileRegistration } from "../../sdk/compile_registration.ts";
import { GB, GearsBuilder } from "../../sdk/gears_builder.ts";
import { GearsError } from "../../sdk/base/gears_error.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import { validateRegistration } from "../../contract/plan/validate.ts";

// deno-lint-ignore no-explicit-any
type Untyped = any;

const f = (record: Untyped) => record;

function compileAs(reader: string, options: Record<string, unknown> = {}): RegistrationPlan {
  const recording = GearsBuilder.recordingOf(GB(reader as Untyped).map(f));
  const { plan } = compileRegistration(recording, options);
  // What the SDK makes passes the border as it is.
  assertEquals(validateRegistration(structuredClone(plan)), plan);
  return plan;
}

/** Options of `register()` that cannot be, by reader, and what their error begins with. */
const REFUSED: readonly (readonly [
  reader: string,
  options: Record<string, unknown>,
  message: string,
])[] = [
  ["KeysOnlyReader", {}, "given reader does not exists or does not support register"],
  ["GeneratorReader", {}, "given reader does not exists or does not support register"],
  ["ShardsIDReader", {}, "given reader does not exists or does not support register"],

  ["KeysReader", { mode: 5 }, "execution mode must be a string"],
  ["KeysReader", { mode: "later" }, "unknown execution mode"],
  ["KeysReader", { window: 0 }, "window must be a whole number"],
  ["KeysReader", { onRegistered: 1 }, "OnRegistered argument must be a function"],
  ["KeysReader", { name: "" }, "name must be a string of 1 to 256 characters"],
  ["KeysReader", { name: "n".repeat(257) }, "name must be a string of 1 to 256 characters"],
  ["KeysReader", { description: 1 }, "description must be a string of 1 to 1024 characters"],
  ["KeysReader", { noScan: true }, 'Unknown option "noScan" of register() with KeysReader'],

  ["KeysReader", { prefix: 5 }, "regex argument must be a string"],
  ["KeysReader", { prefix: "" }, "regex argument must be a string"],
  ["KeysReader", { eventTypes: 5 }, "given eventTypes is not iterable"],
  ["KeysReader", { eventTypes: "set" }, "given eventTypes is not iterable"],
  ["KeysReader", { eventTypes: [5] }, "given event type is not string"],
  ["KeysReader", { eventTypes: [] }, "given eventTypes is empty: it would never fire"],
  ["KeysReader", { keyTypes: 5 }, "given keyTypes is not iterable"],
  ["KeysReader", { keyTypes: [5] }, "given key type is not string"],
  ["KeysReader", { keyTypes: [] }, "given keyTypes is empty: it would never fire"],
  ["KeysReader", { keyTypes: ["blob"] }, 'unknown key type "blob"'],
  ["KeysReader", { readValue: 1 }, "readValue is not boolean"],
  ["KeysReader", { commands: 5 }, "given commands is not iterable"],
  ["KeysReader", { commands: [5] }, "given command type is not string"],
  ["KeysReader", { batch: 5 }, 'Unknown option "batch" of register() with KeysReader'],

  ["StreamReader", { batch: "x" }, "batch argument must be a number"],
  ["StreamReader", { batch: 0 }, "batch argument must be a number"],
  ["StreamReader", { duration: "x" }, "duration argument must be a number"],
  ["StreamReader", { onFailedPolicy: 5 }, "onFailedPolicy must be a string (Continue/Abort/Retry)"],
  ["StreamReader", { onFailedPolicy: "stop" }, "onFailedPolicy must be Continue/Abort/Retry"],
  [
    "StreamReader",
    { onFailedPolicy: "retry", mode: "sync" },
    "ExecutionMode sync can only be combined with OnFailedPolicy Continue",
  ],
  ["StreamReader", { retryIntervalMs: "x" }, "retryInterval argument must be a number"],
  ["StreamReader", { onFailedRetryInterval: 0.5 }, "retryInterval argument must be a number"],
  [
    "StreamReader",
    { retryIntervalMs: 5, onFailedRetryInterval: 1 },
    "retryIntervalMs and onFailedRetryInterval",
  ],
  [
    "StreamReader",
    { retryIntervalMs: 5, maxRetryIntervalMs: 4 },
    "maxRetryIntervalMs argument must be a number: expected a whole one from 5",
  ],
  ["StreamReader", { attempts: -1 }, "attempts argument must be a number"],
  ["StreamReader", { deadLetters: -1 }, "deadLetters argument must be a number"],
  ["StreamReader", { trimStream: 1 }, "pyTrimmStream argument must be a boolean"],
  ["StreamReader", { fromId: 5 }, "fromId argument must be a string"],
  ["StreamReader", { fromId: "now" }, "fromId argument must be a string"],
  ["StreamReader", { debounceMs: 5 }, 'Unknown option "debounceMs" of register() with Stream'],
  ["StreamReader", { concurrency: 0 }, "concurrency argument must be a number"],
  ["StreamReader", { concurrency: 2, mode: "sync" }, "concurrency can only be 1 with mode sync"],
  ["StreamReader", { concurrencyPerKey: 0 }, "concurrencyPerKey argument must be a number"],
  ["StreamReader", { orderBy: 1 }, "orderBy argument must be a function"],
  ["StreamReader", { ratePerSecond: 0 }, "ratePerSecond argument must be a number"],
  ["StreamReader", { dedupe: 1 }, "dedupe argument must be { id, windowMs }"],
  ["StreamReader", { dedupe: { id: 1 } }, "dedupe.id argument must be a function"],
  ["StreamReader", { dedupe: { id: f } }, "dedupe.windowMs argument must be a number"],

  ["CommandReader", {}, "no trigger or hook argument was given"],
  ["CommandReader", { trigger: "" }, "no trigger or hook argument was given"],
  ["CommandReader", { trigger: 5 }, "trigger argument is not string"],
  ["CommandReader", { trigger: "t", inorder: 1 }, "inorder argument is be boolean"],
  ["CommandReader", { hook: 1 }, "hook argument is not string"],
  ["CommandReader", { keyprefix: 1 }, "keyprefix argument is not string"],
  ["CommandReader", { hook: "get" }, 'Cannot hook the command "get": hooks are not supported'],
  [
    "CommandReader",
    { trigger: "t", hook: "get" },
    "trigger argument can not be given with keyprefix or hook",
  ],
  ["CommandReader", { trigger: "t", prefix: "x" }, 'Unknown option "prefix" of register()'],
  ["CommandReader", { trigger: "t", inorder: true, concurrency: 2 }, "concurrency can only be 1"],

  ["TimeReader", {}, "TimeReader needs exactly one of cron and everyMs"],
  ["TimeReader", { cron: "* * * * *", everyMs: 50 }, "TimeReader needs exactly one of"],
  ["TimeReader", { cron: 5 }, "cron argument must be a string"],
  ["TimeReader", { cron: " " }, "cron argument must be a string"],
  ["TimeReader", { cron: "* * * * *", timeZone: 5 }, "timeZone argument must be a string"],
  ["TimeReader", { everyMs: 50, timeZone: "UTC" }, "timeZone can only be given with cron"],
  ["TimeReader", { everyMs: 9 }, "everyMs argument must be a number"],
  ["TimeReader", { everyMs: 50, on: "two" }, 'on must be "one" or "all"'],
];

Deno.test("register() refuses what cannot be", () => {
  for (const [reader, options, message] of REFUSED) {
    const error = assertThrows(() => compileAs(reader, options), GearsError);
    assertEquals(error.message.slice(0, message.length), message);
  }
  // deno-lint-ignore no-explicit-any
  assertThrows(() => (GB() as any).register(5), GearsError, "register options must be an object");
});

Deno.test("register() compiles triggers with their defaults", () => {
  assertEquals(compileAs("KeysReader").trigger, {
    reader: "KeysReader",
    prefix: "*",
    eventTypes: null,
    keyTypes: null,
    commands: null,
    readValue: true,
  });
  const keys = { prefix: "p:*", eventTypes: new Set(["SET", "del", "set"]), keyTypes: ["hash"] };
  assertEquals(compileAs("KeysReader", { ...keys, commands: ["HSET"], readValue: false }).trigger, {
    reader: "KeysReader",
    prefix: "p:*",
    eventTypes: ["set", "del"],
    keyTypes: ["hash"],
    commands: ["hset"],
    readValue: false,
  });
  assertEquals(compileAs("StreamReader", { prefix: "s" }).trigger, {
    reader: "StreamReader",
    prefix: "s",
    batch: 1,
    durationMs: 0,
    trimStream: true,
    fromId: "0-0",
  });
  assertEquals(compileAs("CommandReader", { trigger: "T" }).trigger, {
    reader: "CommandReader",
    trigger: "T",
    inorder: false,
  });
  const cron = { cron: "0 3 * * *", timeZone: "Europe/Berlin", on: "all" };
  assertEquals(compileAs("TimeReader", cron).trigger, {
    reader: "TimeReader",
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
    everyMs: null,
    on: "all",
  });
});

Deno.test("failures and flow have defaults of their own", () => {
  const plan = compileAs("StreamReader");
  assertEquals(plan.failure, {
    policy: "continue",
    retryIntervalMs: 1_000,
    maxRetryIntervalMs: 60_000,
    attempts: 5,
    deadLetters: 0,
  });
  assertEquals(compileAs("StreamReader", { onFailedPolicy: "Retry" }).failure.deadLetters, 1_000);
  assertEquals(plan.flow, {
    concurrency: 64,
    concurrencyPerKey: 1,
    ratePerSecond: null,
    debounceMs: null,
    dedupe: null,
  });
  assertEquals(compileAs("KeysReader", { mode: "sync" }).flow.concurrency, 1);
  assertEquals(compileAs("CommandReader", { trigger: "t" }).flow.concurrency, 1_000);
  const inorder = { trigger: "t", inorder: true };
  assertEquals(compileAs("CommandReader", inorder).flow.concurrency, 1);
});

Deno.test("callbacks of steps, flow and onRegistered share one list", () => {
  const onRegistered = () => {};
  const orderBy = (record: Untyped) => record.id;
  const id = (record: Untyped) => record.key;
  const recording = GearsBuilder.recordingOf(GB("StreamReader").map(f));
  const { plan, callbacks, isNamed } = compileRegistration(recording, {
    onRegistered,
    orderBy,
    dedupe: { id, windowMs: 5 },
    name: "mine",
  });
  assertEquals(callbacks, [f, orderBy, id, onRegistered]);
  const { flow } = plan;
  const refs = [flow.orderBy, flow.dedupe?.id, plan.onRegistered];
  assertEquals(refs.map((ref) => ref?.source === "author" && ref.index), [1, 2, 3]);
  assertEquals([plan.name, isNamed], ["mine", true]);
});

Deno.test("a registration without a name gets one of its reader and what it waits for", () => {
  assertEquals(compileAs("KeysReader").name, "KeysReader:*");
  assertEquals(compileAs("StreamReader", { prefix: "iot:*" }).name, "StreamReader:iot:*");
  assertEquals(compileAs("CommandReader", { trigger: "t" }).name, "CommandReader:t");
  assertEquals(compileAs("TimeReader", { everyMs: 50 }).name, "TimeReader:50ms");
  const cron = { cron: "0 3 * * *", timeZone: "Europe/Berlin" };
  assertEquals(compileAs("TimeReader", cron).name, "TimeReader:0 3 * * * Europe/Berlin");
});

Deno.test("types: register() takes what its reader knows", () => {
  (() => {
    GB().register();
    GB("KeysReader").register({ prefix: "a:*", keyTypes: ["hash"], mode: "sync" });
    GB("StreamReader").register({ batch: 5, orderBy: (record) => record.id });
    GB("CommandReader").register({ trigger: "t" });
    GB("TimeReader").register({ everyMs: 50 });
    // @ts-expect-error a key type that there is not
    GB("KeysReader").register({ keyTypes: ["blob"] });
    // @ts-expect-error an option of another reader
    GB("KeysReader").register({ batch: 5 });
    // @ts-expect-error a trigger needs a name
    GB("CommandReader").register();
    // @ts-expect-error it has no register()
    GB("ShardsIDReader").register({});
    // @ts-expect-error it has no register()
    GB("KeysOnlyReader").register();
  });
});
