import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { OutsideEvent } from "../../../../isolate/sandbox/top_level/outside_source.ts";
import { MAX_RECORDING_BYTES } from "../../../../contract/isolate/messages/message_limits.ts";
import { Recorder } from "../../../../isolate/sandbox/top_level/recorder.ts";
import { Replayer } from "../../../../isolate/sandbox/top_level/replayer.ts";
import { watchGlobals } from "../../../../isolate/sandbox/guest/typescript/watch_globals.ts";
import { decodeWire, encodeWire } from "../../../../contract/isolate/wire.ts";
import { GearsError } from "../../../../sdk/base/gears_error.ts";

/** Everything that a top level can read, in the order of the code. */
function readAll(): unknown {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [
    Date.now(),
    new Date().getTime(),
    Date().slice(0, 24),
    performance.now(),
    performance.timeOrigin,
    Math.random(),
    Math.random(),
    crypto.randomUUID(),
    [...bytes],
    [...new Uint8Array(crypto.getRandomValues(new Uint32Array(2)).buffer)],
    `${Temporal.Now.instant()}`,
    `${Temporal.Now.plainDateTimeISO("UTC")}`,
    `${Temporal.Now.zonedDateTimeISO("UTC")}`,
  ];
}

function overTheWire(events: readonly OutsideEvent[]): readonly OutsideEvent[] {
  return decodeWire(encodeWire(events)) as readonly OutsideEvent[];
}

async function record(run: (recorder: Recorder) => unknown): Promise<readonly OutsideEvent[]> {
  const recorder = new Recorder();
  await run(recorder);
  const events = await recorder.end();
  assertEquals(recorder.refusal, undefined);
  return overTheWire(events);
}

Deno.test("what the top level reads from globals is the same again", async () => {
  let recorded: unknown;
  const events = await record((recorder) => {
    const restore = watchGlobals(recorder);
    recorded = readAll();
    restore();
  });
  const replayer = new Replayer(events);
  const restore = watchGlobals(replayer);
  const replayed = readAll();
  restore();
  replayer.end();
  assertEquals(replayed, recorded);
});

Deno.test("globals are as before afterwards, and dates are dates meanwhile", () => {
  const before = [Date, Date.now, Math.random, Performance.prototype.now];
  const restore = watchGlobals(new Recorder());
  const now = new Date();
  assert(now instanceof Date);
  assert(structuredClone(now) instanceof Date);
  assertEquals(now.constructor, Date);
  assertEquals(new Date(5).getTime(), 5);
  assertEquals(Date.UTC(1970, 0, 1), 0);
  class OwnDate extends Date {}
  assert(new OwnDate() instanceof OwnDate);
  restore();
  assertEquals([Date, Date.now, Math.random, Performance.prototype.now], before);
});

Deno.test("answers come in the order in which they came, and only once the code is as far", async () => {
  const order: string[] = [];
  const script = async (source: Recorder | Replayer, live: (what: string) => Promise<string>) => {
    const ask = (what: string) => source.call(what, () => live(what));
    const slow = ask("slow").then((reply) => order.push(reply));
    const quick = ask("quick").then((reply) => {
      order.push(reply);
      return source.read("clock", () => order.push("clock"));
    });
    await Promise.all([slow, quick]);
  };
  const events = await record(async (recorder) => {
    const waiting = Promise.withResolvers<string>();
    await script(recorder, (what) => {
      if (what === "slow") return waiting.promise;
      setTimeout(() => waiting.resolve("slow reply"));
      return Promise.resolve("quick reply");
    });
  });
  const recorded = order.splice(0);
  await script(new Replayer(events), () => Promise.reject(new Error("done twice")));
  assertEquals(recorded, ["quick reply", "clock", "slow reply"]);
  assertEquals(order, ["quick reply", "slow reply"]);
});

Deno.test("failures come again, and bodies are called as often as they were", async () => {
  const script = async (source: Recorder | Replayer) => {
    const failure = await source.call("bad", () => Promise.reject(new GearsError("no such")))
      .catch((error) => `${error}`);
    let calls = 0;
    const replies = await source.callWithBody("atomic", () => void calls++, async (body) => {
      for (let attempt = 0; attempt < 3; attempt++) await body({ execute() {} });
      return ["OK"];
    });
    return [failure, replies, calls];
  };
  let recorded: unknown;
  const events = await record(async (recorder) => recorded = await script(recorder));
  assertEquals(await script(new Replayer(events)), recorded);
  assertEquals(recorded, ["GearsError: no such", ["OK"], 3]);
});

Deno.test("a promise that the run found unanswered is answered after it", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const recorder = new Recorder();
  const pending = recorder.call("later", () => promise);
  const ending = recorder.end();
  resolve("the reply");
  const replayer = new Replayer(overTheWire(await ending));
  const replayed = replayer.call("later");
  replayer.end();
  assertEquals([await pending, await replayed], ["the reply", "the reply"]);
});

Deno.test("what the author does to a reply does not change the recording", async () => {
  const events = await record(async (recorder) => {
    const reply = await recorder.call("list", () => Promise.resolve(["a"]));
    reply.push("b");
  });
  assertEquals(await new Replayer(events).call("list"), ["a"]);
});

Deno.test("a top level that does something else is told, and cannot run", async () => {
  const events = await record((recorder) => recorder.read("clock", () => 1));
  const other = new Replayer(events);
  assertThrows(
    () => other.read("random", () => 2),
    GearsError,
    "clock was next there, random here",
  );
  assertThrows(() => other.end(), GearsError, "something else on this shard");
  const calling = new Replayer(events);
  await assertRejects(() => calling.call("execute GET a"), GearsError, "execute GET a here");
  assertThrows(() => new Replayer(events).end(), GearsError, "run here");
  const more = new Replayer(events);
  more.read("clock", () => 2);
  assertThrows(() => more.read("clock", () => 3), GearsError, "run() was next there");
});

Deno.test("after the run nothing is recorded, and nothing asked for is done elsewhere", async () => {
  const recorder = new Recorder();
  const events = await recorder.end();
  assertEquals(recorder.read("clock", () => 5), 5);
  assertEquals(events, [["run"]]);
  const replayer = new Replayer(overTheWire(events));
  replayer.end();
  assertEquals(replayer.read("clock", () => 6), 6);
  const outcome = await Promise.race([replayer.call("SET a").then(() => "done"), "nothing yet"]);
  assertEquals(outcome, "nothing yet");
});

Deno.test("what cannot be given again is said: too much, or a key made of random numbers", async () => {
  const large = new Recorder();
  for (let n = 0; n < 3; n++) large.read("file", () => "x".repeat(MAX_RECORDING_BYTES / 2));
  await large.end();
  assertMatch(large.refusal!, /read more than \d+ bytes/);
  const spoilt = new Recorder();
  const restore = watchGlobals(spoilt);
  await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt"]);
  restore();
  assertMatch(spoilt.refusal!, /crypto\.subtle\.generateKey/);
});
