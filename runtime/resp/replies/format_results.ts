/**
 * Results of an execution as RESP.
 *
 * Source: RedisGears 1.2 (reference 1.10). Differs: text that begins with `+` or `-` stays text; what
 * Python shows by `str()` is JSON text here; a float is shown as short as JavaScript does.
 *
 * @module
 */

import type { ExecutionOutcome } from "../../engine/engine.ts";
import { toJsonText } from "../../../contract/text/json_text.ts";
import type { ReplyWriter, WriteReply } from "./reply_writer.ts";

/** `[[results…], [errors…]]`. */
export function formatOutcome(outcome: ExecutionOutcome): WriteReply {
  const { errors } = outcome;
  return (reply) => {
    reply.array(2);
    writeRecords(reply, outcome);
    reply.array(errors.length);
    for (const error of errors) reply.bulk(error);
  };
}

/** `[results…]`, or the first error alone. */
export function formatRecords(outcome: ExecutionOutcome): WriteReply {
  const [error] = outcome.errors;
  return (reply) => error === undefined ? writeRecords(reply, outcome) : reply.error(error);
}

function writeRecords(reply: ReplyWriter, { results, convertToStr }: ExecutionOutcome): void {
  reply.array(results.length);
  for (const result of results) {
    if (convertToStr) writeAsText(reply, result);
    else writeTyped(reply, result, []);
  }
}

/** Text and bytes as they are, no value as no value, everything else as JSON text. */
function writeAsText(reply: ReplyWriter, value: unknown): void {
  if (typeof value === "string" || value instanceof Uint8Array) reply.bulk(value);
  else if (value === null || value === undefined) reply.null();
  else reply.bulk(toJsonText(value));
}

/**
 * Each value in its own RESP type: objects and Maps are maps in RESP3 and JSON text in RESP2.
 *
 * @param within The values that hold this one: a value within itself is shown as text.
 */
function writeTyped(reply: ReplyWriter, value: unknown, within: readonly unknown[]): void {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? reply.integer(value) : reply.double(value);
    case "bigint":
      return reply.integer(value);
    case "boolean":
      return reply.boolean(value);
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return writeAsText(reply, value);
  }
  if (within.length >= MAX_DEPTH || within.includes(value)) return reply.bulk(toJsonText(value));
  const inner = [...within, value];
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value];
    reply.array(items.length);
    for (const item of items) writeTyped(reply, item, inner);
  } else if (value instanceof Date) {
    reply.bulk(Number.isNaN(value.getTime()) ? "null" : value.toISOString());
  } else if (reply.protocol === 3 && isMapLike(value)) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    reply.map(entries.length);
    for (const [key, item] of entries) {
      writeTyped(reply, key, inner);
      writeTyped(reply, item, inner);
    }
  } else {
    reply.bulk(toJsonText(value));
  }
}

/** Deepest nesting that is written as RESP; what is deeper goes as JSON text. */
const MAX_DEPTH = 64;

function isMapLike(value: object): boolean {
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype ||
    Object.getPrototypeOf(value) === null;
}
