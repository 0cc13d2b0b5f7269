/**
 * Random and mutated bytes at the isolate's border: frames, the messages in them, and results. What
 * is malformed is refused by an error, and the work for it is bounded by its length.
 *
 * `PINION_FUZZ_SEED` repeats a run; `PINION_FUZZ_INPUTS` sets its length.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { frameHeader, FrameReader, MAX_PAYLOAD_BYTES } from "../../contract/isolate/frames.ts";
import { decodeMessages } from "../../contract/isolate/messages/decode_messages.ts";
import type { FromSandbox } from "../../contract/isolate/messages/messages.ts";
import { decodeWire, encodeWire } from "../../contract/isolate/wire.ts";
import { weighWire } from "../../contract/isolate/wire_weight.ts";
import { toJsonText } from "../../contract/text/json_text.ts";
import { watchGrowth } from "../support/growth.ts";
import { createRandom, INPUTS, type Random, SEED } from "../support/random.ts";
import { mutate } from "./support/mutate.ts";

/** For one input, decoding, checking and showing it included. */
const MAX_MS = 250;

const FIGURES = {
  recordsRead: 1,
  expected: 2,
  readDurationMs: 0.5,
  results: 1,
  errors: 0,
  forwardedCommands: 0,
  steps: [],
};
const ERROR = {
  code: "FUNCTION_FAILED",
  message: "x",
  location: { file: "a.ts", line: 1, column: 1 },
};
const PLAN = { version: 1, reader: { reader: "ShardsIDReader" }, steps: [{ type: "distinct" }] };

/** One of each, as a sandbox sends them. */
const MESSAGES = [
  { type: "loaded", exports: [{ name: "a", kind: "function" }] },
  { type: "loadFailed", error: ERROR },
  { type: "run", run: 1, plan: PLAN, isNested: false },
  { type: "progress", executionId: "a-1", figures: FIGURES },
  { type: "results", executionId: "a-1", records: encodeWire([1, "two", { three: 3 }]) },
  { type: "done", executionId: "a-1", figures: FIGURES, errors: ["x"] },
  { type: "reply", id: 7, body: new Uint8Array([123, 125]) },
  { type: "fetchReply", id: 8, status: 200, statusText: "", headers: [["a", "b"]], body: null },
  { type: "failed", id: 9, error: ERROR },
  { type: "log", level: "notice", message: "line" },
] as unknown as FromSandbox[];

/** Values of every kind that results may hold. */
const VALUES: readonly unknown[] = [
  [null, undefined, true, 0, -1, 1.5, 2 ** 40, 10n ** 30n, "text", "ä€😀", new Uint8Array(3)],
  [new Map([[1, new Map()]]), new Set([1, 2]), new Date(0), /a/g, new Error("x"), [[[]]]],
  Array.from({ length: 40 }, (_, i) => ({ key: `key:${i}`, value: i })),
  [new Float64Array(2), new ArrayBuffer(4), { a: { b: { c: [] } } }, new BigInt64Array(1)],
];
/** Heads of msgpack that ask for much: arrays, maps, records, extensions, long texts. */
const GREEDY = [0xdd, 0xdf, 0xdc, 0xde, 0xd4, 0xd5, 0xc7, 0xc9, 0xc6, 0xdb, 0x90, 0x80, 0x42, 0xff];

function createPayload(random: Random): Uint8Array {
  switch (random(4)) {
    case 0:
      return Uint8Array.from({ length: random(80) }, () => random(256));
    case 1:
      return Uint8Array.from({ length: random(80) }, () => GREEDY[random(GREEDY.length)]);
    case 2:
      return mutate(encodeWire(VALUES[random(VALUES.length)]), random, GREEDY);
    default:
      return mutate(
        encodeWire(Array.from({ length: random(4) }, () => MESSAGES[random(MESSAGES.length)])),
        random,
        GREEDY,
      );
  }
}

/** What a call gives; undefined where it refuses by an error. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    assert(error instanceof Error, `it threw ${String(error)}`);
    return undefined;
  }
}

/** Payloads as a stream that is cut anywhere comes out as they went in. */
function throughFrames(payloads: readonly Uint8Array[], random: Random): Uint8Array[] {
  const stream = payloads.flatMap((bytes) => [...frameHeader(1, bytes.byteLength), ...bytes]);
  const reader = new FrameReader();
  const received: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const end = at + 1 + random(40);
    reader.push(Uint8Array.from(stream.slice(at, end)), (_channel, bytes) => received.push(bytes));
    at = end;
  }
  return received;
}

Deno.test(`the isolate's border survives ${INPUTS} inputs of seed ${SEED}`, () => {
  const random = createRandom(SEED);
  const checkGrowth = watchGrowth();
  let understood = 0;
  for (let i = 0; i < INPUTS; i++) {
    const payload = createPayload(random);
    const hint = `PINION_FUZZ_SEED=${SEED}, input ${i}: [${payload}]`;
    const startedAt = performance.now();
    if (attempt(() => decodeMessages(payload)) !== undefined) understood++;
    if (attempt(() => weighWire(payload)) !== undefined) {
      const value = attempt(() => decodeWire(payload));
      assertEquals(typeof toJsonText(value), "string", hint);
    }
    const elapsedMs = performance.now() - startedAt;
    assert(elapsedMs < MAX_MS, `${elapsedMs} ms for ${hint}`);
  }
  assert(understood > 0, "no input was understood");
  checkGrowth();
});

Deno.test(`frames come through whole, or are refused; seed ${SEED}`, () => {
  const random = createRandom(SEED);
  for (let i = 0; i < INPUTS / 20; i++) {
    const payloads = Array.from({ length: 1 + random(4) }, () => createPayload(random));
    assertEquals(throughFrames(payloads, random), payloads, `seed ${SEED}, input ${i}`);
    const reader = new FrameReader();
    const noise = Uint8Array.from({ length: 5 + random(60) }, () => random(256));
    const refused = attempt(() => (reader.push(noise, () => {}), true)) === undefined;
    const length = new DataView(noise.buffer).getUint32(0);
    if (length === 0 || length - 1 > MAX_PAYLOAD_BYTES) assert(refused, `seed ${SEED}, input ${i}`);
  }
});

Deno.test("what is decoded by mistake does not change the next decoding", () => {
  const good = encodeWire(VALUES);
  const expected = toJsonText(decodeWire(good));
  for (const bytes of [[0xd4, 0x72, 0x41, 0x91, 0xa1], [0x91, 0xd4, 0x72, 0x40, 0x90], [0xdd, 1]]) {
    attempt(() => decodeWire(Uint8Array.from(bytes)));
    assertEquals(toJsonText(decodeWire(good)), expected);
  }
});
