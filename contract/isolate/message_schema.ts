/**
 * The validator of what a sandbox sends: it shares a heap with user code, so nothing of it is
 * trusted.
 *
 * @module
 */

import { z } from "zod";
import { ERROR_KINDS, type ErrorCode } from "../../errors.ts";
import {
  MAX_EVENT_ERROR_CHARS,
  MAX_EVENT_ERRORS,
  MAX_EVENTS,
  MAX_GATHERED_BYTES,
} from "./event_messages.ts";
import {
  type FromSandbox,
  MAX_MESSAGES,
  MAX_RECORDING_BYTES,
  MAX_SHUFFLE_BYTES,
} from "./messages.ts";
import { MAX_ERROR_CHARS, MAX_ERRORS } from "./module_limits.ts";
import { decodeWire } from "./wire.ts";
import { weighWire } from "./wire_weight.ts";

const id = z.int().min(0);
const executionId = z.string().max(64);
const figure = z.number().min(0);
const bytes = z.instanceof(Uint8Array);
const headers = z.array(z.tuple([z.string().max(1_024), z.string().max(65_536)])).max(256);

/** Codes that may come from user code; another one would let it speak for the runtime. */
const AUTHOR_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "SCRIPT_SYNTAX",
  "SCRIPT_FAILED",
  "BAD_IMPORT",
  "BAD_PLAN",
  "BAD_BODY",
  "FUNCTION_FAILED",
]);

/** Keys that one command may name, and the characters of a key that is told. */
const MAX_KEYS = 1_000_000;
const keyText = z.string().max(65_536);

const location = z.strictObject({
  file: z.string().max(1_024),
  line: z.int(),
  column: z.int(),
});

const error = z.strictObject({
  code: z.custom<ErrorCode>((code) =>
    typeof code === "string" && code in ERROR_KINDS && AUTHOR_CODES.has(code)
  ),
  message: z.string().max(20_000),
  location: location.optional(),
  stack: z.string().max(20_000).optional(),
});

const figures = z.strictObject({
  recordsRead: figure,
  expected: figure.optional(),
  readDurationMs: figure,
  results: figure,
  errors: figure,
  forwardedCommands: figure,
  steps: z.array(z.strictObject({ recordsIn: figure, recordsOut: figure, durationMs: figure }))
    .max(1_000),
});

const MAX_TEXT_CHARS = 10_000;

function isShort(texts: readonly string[]): boolean {
  const chars = texts.reduce((sum, { length }) => sum + length, 0);
  return chars <= MAX_ERROR_CHARS + 2 * MAX_TEXT_CHARS;
}

function isPlaces(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_EVENTS &&
    value.every((place) => Number.isSafeInteger(place) && place >= 0);
}

const fromSandbox = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("reply"), id, body: bytes }),
  z.strictObject({ type: z.literal("failed"), id, error }),
  z.strictObject({ type: z.literal("results"), executionId, records: bytes }),
  z.strictObject({
    type: z.literal("shuffle"),
    executionId,
    shuffle: id,
    target: id,
    records: bytes.refine((value) => value.byteLength <= MAX_SHUFFLE_BYTES),
  }),
  z.strictObject({ type: z.literal("shuffleEnd"), executionId, shuffle: id }),
  z.strictObject({ type: z.literal("took"), executionId, shuffle: id, source: id, bytes: id }),
  z.strictObject({ type: z.literal("progress"), executionId, figures }),
  z.strictObject({
    type: z.literal("done"),
    executionId,
    figures,
    errors: z.array(z.string().max(MAX_TEXT_CHARS)).max(MAX_ERRORS + 1).refine(isShort),
  }),
  z.strictObject({
    type: z.literal("log"),
    level: z.enum(["debug", "verbose", "notice", "warning"]),
    message: z.string().max(8_192),
  }),
  z.strictObject({
    type: z.literal("run"),
    run: id,
    // `validatePlan` looks into it.
    plan: z.custom<never>((plan) => typeof plan === "object" && plan !== null),
    isNested: z.boolean(),
    invocation: id.optional(),
    location: location.optional(),
    recording: bytes.refine((value) => value.byteLength <= MAX_RECORDING_BYTES).optional(),
    unreplayable: z.string().max(1_024).optional(),
  }),
  z.strictObject({
    type: z.literal("loaded"),
    exports: z.array(
      z.strictObject({
        name: z.string().max(256),
        kind: z.enum(["function", "builder", "fetch"]),
      }),
    ).max(10_000),
    recording: bytes.refine((value) => value.byteLength <= MAX_RECORDING_BYTES).optional(),
    unreplayable: z.string().max(1_024).optional(),
  }),
  z.strictObject({
    type: z.literal("register"),
    registration: id,
    // `validateRegistration` looks into it.
    plan: z.custom<never>((plan) => typeof plan === "object" && plan !== null),
    location: location.optional(),
  }),
  z.strictObject({
    type: z.literal("wrote"),
    depth: id,
    keys: z.array(keyText).max(MAX_KEYS),
  }),
  z.strictObject({ type: z.literal("adding"), key: keyText }),
  z.strictObject({ type: z.literal("synced") }),
  z.strictObject({
    type: z.literal("added"),
    key: keyText,
    id: z.string().max(64).nullable(),
    depth: id,
  }),
  z.strictObject({ type: z.literal("loadFailed"), error }),
  z.strictObject({ type: z.literal("warm") }),
  z.strictObject({
    type: z.literal("eventsDone"),
    id,
    // By hand: a row of the table for each number would cost more than its execution.
    done: z.custom<readonly number[]>(isPlaces),
    skipped: id,
    failures: z.array(z.strictObject({
      at: id,
      errors: z.array(z.string().max(MAX_EVENT_ERROR_CHARS)).min(1).max(MAX_EVENT_ERRORS),
      isFinal: z.boolean(),
    })).max(MAX_EVENTS),
    totalDurationMs: figure,
    lastDurationMs: figure,
    isLast: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("triggerReplies"),
    ids: z.array(id).min(1).max(MAX_GATHERED_BYTES),
    results: bytes.refine((value) => value.byteLength <= MAX_GATHERED_BYTES),
  }),
  z.strictObject({
    type: z.literal("triggerReply"),
    id,
    results: bytes,
    errors: z.array(z.string().max(MAX_EVENT_ERROR_CHARS)).max(MAX_EVENT_ERRORS),
  }),
  z.strictObject({
    type: z.literal("fetchReply"),
    id,
    status: z.int().min(101).max(599),
    statusText: z.string().max(1_024),
    headers,
    body: bytes.nullable(),
  }),
]);

/** Weight that a payload may have besides its bytes: what is larger travels encoded within it. */
const MAX_PAYLOAD_WEIGHT = 8 * 1024 * 1024;

/** The messages of one payload. @throws Error where one of them cannot be */
export function decodeMessages(payload: Uint8Array): readonly FromSandbox[] {
  const maxWeight = payload.byteLength + MAX_PAYLOAD_WEIGHT;
  if (weighWire(payload, maxWeight) >= maxWeight) {
    throw new RangeError("expected a payload of fewer values");
  }
  return validateMessages(decodeWire(payload));
}

/** The messages that a payload was decoded to. @throws TypeError where one of them cannot be */
export function validateMessages(value: unknown): readonly FromSandbox[] {
  if (!Array.isArray(value) || value.length > MAX_MESSAGES) {
    throw new TypeError(`expected an array of at most ${MAX_MESSAGES} messages`);
  }
  for (let index = 0; index < value.length; index++) {
    if (!isReply(value[index]) && !isTriggerReplies(value[index])) {
      value[index] = validate(value[index]);
    }
  }
  return value;
}

function validate(message: unknown): FromSandbox {
  const parsed = fromSandbox.safeParse(message);
  if (parsed.success) return parsed.data as FromSandbox;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${issue.path.join(".")}: ${issue.message}`);
}

/** The `reply` row of the table by hand: it is on the way of every invocation. */
function isReply(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { type, id, body } = message as Record<string, unknown>;
  return type === "reply" && Number.isSafeInteger(id) && body instanceof Uint8Array;
}

/** The `triggerReplies` row by hand: it is on the way of every RG.TRIGGER. */
function isTriggerReplies(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const { type, ids, results } = message as Record<string, unknown>;
  return type === "triggerReplies" && Array.isArray(ids) && ids.length > 0 &&
    ids.every(Number.isSafeInteger) && results instanceof Uint8Array &&
    ids.length <= MAX_GATHERED_BYTES && results.byteLength <= MAX_GATHERED_BYTES;
}
