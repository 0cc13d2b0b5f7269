/**
 * Calls of a module's exports and of its commands, with their answers.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { AuthorErrorSchema, bytes, headers, id, ownBytes, textOrBytes } from "../fields.ts";
import { MAX_EVENT_ERROR_CHARS, MAX_EVENT_ERRORS, MAX_GATHERED_BYTES } from "./message_limits.ts";

/** Calls a function with JSON. */
const Invoke = z.strictObject({
  type: z.literal("invoke"),
  id,
  exportName: z.string(),
  body: bytes,
});

/** Compiles the builder export and asks to run it as a batch. */
const RunExport = z.strictObject({
  type: z.literal("runExport"),
  id,
  exportName: z.string(),
  body: bytes,
});

/** An HTTP request for the module's `fetch`. */
const Fetch = z.strictObject({
  type: z.literal("fetch"),
  id,
  method: z.string(),
  url: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: bytes.nullable(),
});

/** A command of a registration, answered as a call. */
const Trigger = z.strictObject({
  type: z.literal("trigger"),
  id,
  registration: id,
  args: z.array(textOrBytes),
});

/** Calls the `onRegistered` of a registration. */
const CallOnRegistered = z.strictObject({
  type: z.literal("callOnRegistered"),
  id,
  registration: id,
});

/** The JSON text of what an export returned; empty where it was `onRegistered`. */
const Reply = z.strictObject({ type: z.literal("reply"), id, body: ownBytes });

/** The answer of `fetch`. */
const FetchReply = z.strictObject({
  type: z.literal("fetchReply"),
  id,
  status: z.int().min(101).max(599),
  statusText: z.string().max(1_024),
  headers,
  body: ownBytes.nullable(),
});

/** A call that failed. */
const Failed = z.strictObject({ type: z.literal("failed"), id, error: AuthorErrorSchema });

/** Results of a command, one msgpack array, and the errors of its records. */
const TriggerReply = z.strictObject({
  type: z.literal("triggerReply"),
  id,
  results: bytes,
  errors: z.array(z.string().max(MAX_EVENT_ERROR_CHARS)).max(MAX_EVENT_ERRORS),
});

/** Results of several commands of which none failed. */
const TriggerReplies = z.strictObject({
  type: z.literal("triggerReplies"),
  ids: z.array(id).min(1).max(MAX_GATHERED_BYTES),
  /** One msgpack array that holds an array of results for each of them. */
  results: bytes.refine((value) => value.byteLength <= MAX_GATHERED_BYTES),
});

/** Calls, from the runtime to the sandbox. */
export const CALLS_TO_SANDBOX = [Invoke, RunExport, Fetch, Trigger, CallOnRegistered] as const;
/** Answers, from the sandbox to the runtime. */
export const CALLS_FROM_SANDBOX = [
  Reply,
  FetchReply,
  Failed,
  TriggerReply,
  TriggerReplies,
] as const;

/** An HTTP request for the module's `fetch`. */
export type FetchMessage = DeepReadonly<z.infer<typeof Fetch>>;
/** A command of a registration. */
export type TriggerMessage = DeepReadonly<z.infer<typeof Trigger>>;
/** The answer to a call of a function. */
export type ReplyMessage = DeepReadonly<z.infer<typeof Reply>>;
/** Results of a command. */
export type TriggerReplyMessage = DeepReadonly<z.infer<typeof TriggerReply>>;
/** Results of several commands. */
export type TriggerRepliesMessage = DeepReadonly<z.infer<typeof TriggerReplies>>;

/** Checks a `reply` by hand: it is on the way of every invocation. */
export function isReply(message: unknown): message is ReplyMessage {
  if (typeof message !== "object" || message === null) return false;
  const { type, id, body } = message as Record<string, unknown>;
  return type === "reply" && Number.isSafeInteger(id) && body instanceof Uint8Array;
}

/** Checks `triggerReplies` by hand: it is on the way of every RG.TRIGGER. */
export function isTriggerReplies(message: unknown): message is TriggerRepliesMessage {
  if (typeof message !== "object" || message === null) return false;
  const { type, ids, results } = message as Record<string, unknown>;
  return type === "triggerReplies" && Array.isArray(ids) && ids.length > 0 &&
    ids.every(Number.isSafeInteger) && results instanceof Uint8Array &&
    ids.length <= MAX_GATHERED_BYTES && results.byteLength <= MAX_GATHERED_BYTES;
}
