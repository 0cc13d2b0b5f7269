/**
 * Fields that messages of several families have.
 *
 * The trusted side imports it; the sandbox imports types of messages alone.
 *
 * @module
 */

import { z } from "zod";
import { ERROR_KINDS, type ErrorCode } from "../../errors.ts";

/** Bytes that share their buffer with nothing else, or may. */
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, {
  message: "expected bytes",
});
/** Bytes of a message that has been decoded: their buffer is no shared memory. */
export const ownBytes = z.custom<Uint8Array<ArrayBuffer>>(
  (value) => value instanceof Uint8Array && value.buffer instanceof ArrayBuffer,
  { message: "expected bytes" },
);
/** Number of a call, a run, a registration or a shard. */
export const id = z.int().min(0);
/** Id of an execution. */
export const executionId = z.string().max(64);
/** Amount or time, in whatever unit the field's name says. */
export const figure = z.number().min(0);
/** Texts by name, as of an environment. */
export const texts = z.record(z.string(), z.string());
/** Name of a key, or an argument of a command. */
export const textOrBytes = z.union([z.string(), bytes]);
/** Headers of HTTP, in the order in which they came. */
export const headers = z.array(z.tuple([z.string().max(1_024), z.string().max(65_536)])).max(256);
/** Slots from the first to the last. */
export const slotRange = z.tuple([id, id]);

/** Place in an author's source. */
export const SourceLocationSchema = z.strictObject({
  file: z.string().max(1_024),
  line: z.int(),
  column: z.int(),
});

/** Codes that may come from user code; another one would let it speak for the runtime. */
const AUTHOR_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "SCRIPT_SYNTAX",
  "SCRIPT_FAILED",
  "BAD_IMPORT",
  "BAD_PLAN",
  "BAD_BODY",
  "FUNCTION_FAILED",
]);

/** An error that user code may have made. */
export const AuthorErrorSchema = z.strictObject({
  code: z.custom<ErrorCode>((code) => typeof code === "string" && AUTHOR_CODES.has(code)),
  message: z.string().max(20_000),
  location: SourceLocationSchema.optional(),
  stack: z.string().max(20_000).optional(),
});

/** An error of the runtime or of another shard. */
export const ErrorSchema = z.strictObject({
  code: z.custom<ErrorCode>((code) => typeof code === "string" && Object.hasOwn(ERROR_KINDS, code)),
  message: z.string(),
  location: z.strictObject({ file: z.string(), line: z.int(), column: z.int() }).optional(),
  stack: z.string().optional(),
});
