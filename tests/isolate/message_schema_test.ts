import { assertEquals, assertThrows } from "@std/assert";
import { decodeMessages, validateMessages } from "../../runtime/isolate/message_schema.ts";
import { encodeWire } from "../../runtime/isolate/wire.ts";

const FIGURES = { recordsRead: 1, readDurationMs: 0, results: 1, errors: 0, steps: [] };

Deno.test("messages that a sandbox sends pass as they are", () => {
  const messages = [
    { type: "loaded", exports: [{ name: "f", kind: "function" }] },
    { type: "run", run: 0, plan: {}, isNested: false },
    { type: "progress", executionId: "e-0", figures: FIGURES },
    { type: "results", executionId: "e-0", records: new Uint8Array(3) },
    { type: "done", executionId: "e-0", figures: FIGURES, errors: ["one"] },
    { type: "reply", id: 1, body: new Uint8Array(2) },
    { type: "log", level: "notice", message: "hello" },
    { type: "failed", id: 1, error: { code: "FUNCTION_FAILED", message: "no" } },
  ];
  assertEquals(decodeMessages(encodeWire(messages)), messages as never);
});

/** One forged message per row, and what is said of it. */
const FORGED: readonly (readonly [what: string, message: unknown])[] = [
  ["no type", {}],
  ["an unknown type", { type: "kill" }],
  ["a reply without bytes", { type: "reply", id: 1, body: "text" }],
  ["a reply to a fraction", { type: "reply", id: 1.5, body: new Uint8Array() }],
  ["a negative id", { type: "failed", id: -1, error: { code: "FUNCTION_FAILED", message: "" } }],
  ["a code of the runtime", {
    type: "failed",
    id: 1,
    error: { code: "NOT_AUTHENTICATED", message: "" },
  }],
  ["a code from the prototype", {
    type: "failed",
    id: 1,
    error: { code: "constructor", message: "" },
  }],
  ["an error with more fields", {
    type: "loadFailed",
    error: { code: "SCRIPT_FAILED", message: "", cause: "x" },
  }],
  ["endless figures", {
    type: "progress",
    executionId: "e",
    figures: { ...FIGURES, recordsRead: Infinity },
  }],
  ["too long an id", { type: "results", executionId: "e".repeat(65), records: new Uint8Array() }],
  ["a level that is none", { type: "log", level: "fatal", message: "" }],
  ["a status that is none", {
    type: "fetchReply",
    id: 1,
    status: 99,
    statusText: "",
    headers: [],
    body: null,
  }],
  ["null", null],
  ["text", "reply"],
];

for (const [what, message] of FORGED) {
  Deno.test(`${what} is refused`, () => {
    assertThrows(() => validateMessages([message]), Error);
  });
}

Deno.test("a payload is a list", () => {
  for (const payload of [null, {}, "reply", { length: 1, 0: {} }]) {
    assertThrows(() => validateMessages(payload), TypeError, "array");
  }
});

Deno.test("a payload of a few bytes that stands for a lot of memory is refused", () => {
  // A list of 4,000,000 empty lists.
  const bytes = new Uint8Array(4_000_005).fill(0x90);
  bytes.set([0xdd, 0, 0x3d, 0x09, 0]);
  assertThrows(() => decodeMessages(bytes), RangeError);
});
