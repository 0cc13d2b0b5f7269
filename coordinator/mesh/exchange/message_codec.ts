/**
 * Bodies and headers as bytes, and errors that came from a peer.
 *
 * @module
 */

import { Packr } from "msgpackr/pack";
import { z } from "zod";
import { ERROR_KINDS, type ErrorCode, type ErrorData, PinionError } from "../../../errors.ts";

const packr = new Packr({
  moreTypes: true,
  useRecords: true,
  // A value that refers to itself ten times, ten times over, would be decoded from a few bytes.
  structuredClone: false,
  writeFunction() {
    throw new TypeError("Cannot send a function to another shard");
  },
});

/** What a request or an opened channel begins with: its kind, and what its handler's schema checks. */
const Call = z.tuple([z.string().min(1).max(100), z.unknown()]);

const Failure = z.object({
  code: z.enum(Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  location: z.object({ file: z.string(), line: z.number(), column: z.number() }).optional(),
  stack: z.string().optional(),
}) satisfies z.ZodType<ErrorData>;

/** A value as bytes. @throws TypeError for a function */
export function encodeBody(value: unknown): Uint8Array {
  // The packer writes one value after the other into the same buffer.
  return new Uint8Array(packr.pack(value));
}

/** The value. @throws Error for bytes that hold none */
export function decodeBody(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** Kind and body. @throws Error for anything else */
export function decodeCall(bytes: Uint8Array): readonly [kind: string, body: unknown] {
  return Call.parse(decodeBody(bytes));
}

/** An error as bytes. */
export function encodeError(error: unknown): Uint8Array {
  return encodeBody(PinionError.from(error).toData());
}

/** The error. @throws Error for bytes that hold none */
export function decodeError(bytes: Uint8Array): PinionError {
  return PinionError.fromData(Failure.parse(decodeBody(bytes)));
}
