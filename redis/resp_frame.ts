/**
 * Rules that the scanner and the decoder of RESP share: type bytes, limits and the one way to
 * refuse a frame. Both obey the same grammar, so they agree on where a frame ends:
 *
 * ```text
 * frame     = attribute* (line | bulk | aggregate)
 * line      = ("+" | "-" | ":" | "_" | "#" | "," | "(") text CRLF     text holds no CR and no LF
 * bulk      = ("$" | "!" | "=") length CRLF bytes CRLF | "$-1" CRLF
 * aggregate = ("*" | "~" | ">" | "%") length CRLF frame… | "*-1" CRLF
 * attribute = "|" length CRLF frame…
 * length    = 1 to 16 digits
 * ```
 *
 * Pure: runs in the sandbox.
 *
 * Source: the RESP2 and RESP3 specifications. Differs: streamed RESP3 values (`$?`, `*?`) are
 * refused, as no server sends them.
 *
 * @module
 */

import { PinionError } from "../errors.ts";

/** First bytes of frames. */
export const TYPE = {
  simple: 43, // +
  error: 45, // -
  integer: 58, // :
  bulk: 36, // $
  array: 42, // *
  null: 95, // _
  boolean: 35, // #
  double: 44, // ,
  bigNumber: 40, // (
  blobError: 33, // !
  verbatim: 61, // =
  map: 37, // %
  set: 126, // ~
  push: 62, // >
  attribute: 124, // |
} as const;

/** Carriage return. */
export const CR = 13;
/** Line feed. */
export const LF = 10;

/** Longest bulk string that Redis itself accepts, in bytes. */
export const MAX_BULK_BYTES = 512 * 1024 * 1024;
/** Most elements of an aggregate that Redis itself sends. */
export const MAX_AGGREGATE = 2 ** 31 - 1;
/** Deepest nesting of aggregates. */
export const MAX_DEPTH = 128;
/** Longest header or simple string, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Most digits of a length: what a number holds exactly. */
export const MAX_LENGTH_DIGITS = 16;

/** Shapes of frames by first byte; 0 where the byte begins no frame. */
export const SHAPES: Readonly<Uint8Array> = buildShapes();

/** A line without a body. */
export const SHAPE_LINE = 1;
/** A length, then as many bytes. */
export const SHAPE_BULK = 2;
/** A length, then as many frames. */
export const SHAPE_AGGREGATE = 3;
/** A length, then twice as many frames. */
export const SHAPE_PAIRS = 4;

/** The error of a malformed frame: what was expected and what came. */
export function badFrame(expected: string, got: string): PinionError {
  return new PinionError("BAD_FRAME", `Cannot read a RESP frame: expected ${expected}, got ${got}`);
}

/** A byte as people read it: `"a"` or `0x0d`. */
export function showByte(byte: number | undefined): string {
  if (byte === undefined) return "the end of the bytes";
  return byte > 32 && byte < 127
    ? `"${String.fromCharCode(byte)}"`
    : `0x${byte.toString(16).padStart(2, "0")}`;
}

function buildShapes(): Uint8Array {
  const shapes = new Uint8Array(256);
  for (const char of "+-:_#,(") shapes[char.charCodeAt(0)] = 1;
  for (const char of "$!=") shapes[char.charCodeAt(0)] = 2;
  for (const char of "*~>") shapes[char.charCodeAt(0)] = 3;
  for (const char of "%|") shapes[char.charCodeAt(0)] = 4;
  return shapes;
}
