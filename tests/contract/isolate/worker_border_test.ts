import { assertEquals } from "@std/assert";
import { checkWorkerMessage } from "../../../contract/isolate/check_worker_message.ts";
import { ToHostThreadSchema } from "../../../contract/isolate/worker_border.ts";

const bytes = new Uint8Array([1]);
const keysRequest = {
  ...{ kind: "keys", pattern: "*", count: 1, noScan: false, readValue: true, emptyRecord: false },
  slots: [[0, 5], [7, 16_383]],
};

/** A message of each type as the sandbox posts it. */
const GOOD = {
  booted: { type: "booted" },
  ready: { type: "ready" },
  broken: { type: "broken" },
  up: { type: "up", bytes },
  commands: { type: "commands", link: 1, generation: 0, bytes },
  open: { type: "open", id: 0, request: keysRequest },
  openStream: { type: "open", id: 1, request: { kind: "stream", key: "s", fromId: "0-0" } },
  readKeys: { type: "readKeys", id: 2, keys: bytes, count: 1, readValue: false },
  credit: { type: "credit", id: 0 },
  close: { type: "close", id: 0 },
};

/** Values that stand in the place of each field, one after the other. */
const WRONG = [undefined, null, "text", -1, 0.5, NaN, [], {}, true, [[0]], [["a", 1]], new Map()];

/** The message with a field replaced, for each field and each wrong value, also of the request. */
function* forge(message: Readonly<Record<string, unknown>>): Generator<Record<string, unknown>> {
  for (const [field, value] of Object.entries(message)) {
    for (const wrong of WRONG) yield { ...message, [field]: wrong };
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) continue;
    for (const inner of forge(value as Record<string, unknown>)) {
      yield { ...message, [field]: inner };
    }
  }
}

function passesByHand(message: unknown): boolean {
  try {
    checkWorkerMessage(message);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

Deno.test("the host thread takes each message that the sandbox posts, as it is", () => {
  for (const message of Object.values(GOOD)) {
    assertEquals(ToHostThreadSchema.safeParse(message).success, true);
    assertEquals<unknown>(checkWorkerMessage(message), message);
  }
  const types = new Set(Object.values(GOOD).map(({ type }) => type));
  assertEquals(types.size, ToHostThreadSchema.options.length);
});

Deno.test("the check by hand takes what the schema takes, and nothing else", () => {
  let forged = 0;
  for (const message of Object.values(GOOD).flatMap((good) => [...forge(good)])) {
    forged++;
    const { success } = ToHostThreadSchema.safeParse(message);
    assertEquals(passesByHand(message), success, Deno.inspect(message));
  }
  assertEquals(forged > 300, true);
  for (const message of [undefined, null, "up", 1, [], { type: "toString" }, { type: ["up"] }]) {
    assertEquals(passesByHand(message), false);
  }
});
