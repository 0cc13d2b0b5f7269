import { assertEquals, assertThrows } from "@std/assert";
import { validateMessages } from "../../../contract/isolate/messages/decode_messages.ts";

const figures = {
  recordsRead: 1,
  readDurationMs: 0.5,
  results: 1,
  errors: 0,
  forwardedCommands: 0,
  steps: [],
};
const bytes = new Uint8Array([1]);

/** A message of each type as the sandbox sends it. */
const GOOD = {
  reply: { type: "reply", id: 0, body: bytes },
  failed: { type: "failed", id: 1, error: { code: "FUNCTION_FAILED", message: "no" } },
  results: { type: "results", executionId: "0-1", records: bytes },
  progress: { type: "progress", executionId: "0-1", figures },
  done: { type: "done", executionId: "0-1", figures, errors: ["one"] },
  log: { type: "log", level: "notice", message: "said" },
  run: { type: "run", run: 0, plan: {}, isNested: false },
  loaded: { type: "loaded", exports: [{ name: "f", kind: "function" }] },
  register: { type: "register", registration: 0, plan: {} },
  keptScript: { type: "loaded", exports: [], recording: bytes, unreplayable: "because" },
  loadFailed: {
    type: "loadFailed",
    error: {
      code: "SCRIPT_SYNTAX",
      message: "no",
      location: { file: "script.ts", line: 1, column: 1 },
      stack: "at script.ts:1:1",
    },
  },
  fetchReply: { type: "fetchReply", id: 0, status: 200, statusText: "", headers: [], body: null },
  eventsDone: {
    ...{
      type: "eventsDone",
      id: 3,
      done: [0, 2],
      skipped: 0,
      totalDurationMs: 1.5,
      lastDurationMs: 0.5,
    },
    ...{ failures: [{ at: 2, errors: ["no"], isFinal: true }], isLast: false },
  },
} as const;

/** Messages that only code which has broken its sandbox can send. */
const FORGED: Readonly<Record<string, unknown>> = {
  "no message": null,
  "text": "loaded",
  "an unknown type": { type: "eval", code: "1" },
  "a type that is none": { type: "toString" },
  "a field too many": { ...GOOD.log, admin: true },
  "a field missing": { type: "log", level: "notice" },
  "an id below 0": { ...GOOD.failed, id: -1 },
  "an id that is none": { ...GOOD.failed, id: 1.5 },
  "a body that is none": { ...GOOD.reply, body: "text" },
  "a body that only looks like one": { ...GOOD.reply, body: { byteLength: 5 } },
  "an unknown code": { ...GOOD.failed, error: { code: "NOPE", message: "" } },
  "a code of the runtime's": { ...GOOD.failed, error: { code: "LIMIT_MEMORY", message: "" } },
  "a code of the caller's": { ...GOOD.failed, error: { code: "NOT_AUTHENTICATED", message: "" } },
  "a code of Object's": { ...GOOD.failed, error: { code: "constructor", message: "" } },
  "too long a message": {
    ...GOOD.failed,
    error: { code: "BAD_BODY", message: "x".repeat(20_001) },
  },
  "a place that is none": {
    ...GOOD.failed,
    error: { code: "BAD_BODY", message: "", location: { file: "x", line: "1", column: 1 } },
  },
  "too long a line": { ...GOOD.log, message: "x".repeat(8_193) },
  "a level that is none": { ...GOOD.log, level: "loud" },
  "figures that are none": { ...GOOD.progress, figures: { ...figures, recordsRead: NaN } },
  "figures below 0": { ...GOOD.progress, figures: { ...figures, results: -1 } },
  "too many steps": {
    ...GOOD.progress,
    figures: {
      ...figures,
      steps: Array(1_001).fill({ recordsIn: 0, recordsOut: 0, durationMs: 0 }),
    },
  },
  "errors that are no text": { ...GOOD.done, errors: [{}] },
  "a plan that is none": { ...GOOD.run, plan: "plan" },
  "a registration that is none": { ...GOOD.register, plan: "plan" },
  "a registration below 0": { ...GOOD.register, registration: -1 },
  "a recording that is none": { ...GOOD.keptScript, recording: "text" },
  "a reason that is too long": { ...GOOD.keptScript, unreplayable: "x".repeat(1_025) },
  "an export of another kind": { type: "loaded", exports: [{ name: "f", kind: "file" }] },
  "a status that is none": { ...GOOD.fetchReply, status: 99 },
  "a header that is none": { ...GOOD.fetchReply, headers: [["only a name"]] },
  "a place below 0": { ...GOOD.eventsDone, done: [0, -1] },
  "a place between two": { ...GOOD.eventsDone, done: [0.5] },
  "places that are none": { ...GOOD.eventsDone, done: { length: 1, 0: 0 } },
  "too many places": { ...GOOD.eventsDone, done: Array(100_001).fill(0) },
  "a failure without an error": {
    ...GOOD.eventsDone,
    failures: [{ at: 0, errors: [], isFinal: false }],
  },
  "too long an error of an event": {
    ...GOOD.eventsDone,
    failures: [{ at: 0, errors: ["x".repeat(2_001)], isFinal: false }],
  },
  "too many headers": { ...GOOD.fetchReply, headers: Array(257).fill(["a", "b"]) },
};

Deno.test("validateMessages passes what a sandbox sends", () => {
  const messages = Object.values(GOOD);
  assertEquals<unknown>(validateMessages([...messages]), messages);
  assertEquals(validateMessages([]), []);
});

Deno.test("validateMessages refuses forged messages, alone and among good ones", () => {
  for (const [name, message] of Object.entries(FORGED)) {
    assertThrows(() => validateMessages([message]), TypeError, "", name);
    assertThrows(() => validateMessages([GOOD.log, message, GOOD.reply]), TypeError, "", name);
  }
});

Deno.test("validateMessages refuses what is no list of messages", () => {
  for (const value of [undefined, null, GOOD.log, "text", { length: 1, 0: GOOD.log }]) {
    assertThrows(() => validateMessages(value), TypeError);
  }
});
