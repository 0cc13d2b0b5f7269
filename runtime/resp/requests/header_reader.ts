/**
 * Reads the headers of requests: `*N` before the arguments, `$N` before each of them.
 *
 * Source: `processMultibulkBuffer` of Redis 7, with its error texts. Frames end where they end for
 * Redis, so the byte behind CR is skipped without a look.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { digitsEnd, readDigits } from "../../../redis/digits.ts";

/** First byte of a request: the number of arguments follows. */
export const STAR = 42;
/** First byte of an argument: its length follows. */
export const DOLLAR = 36;

const CR = 13;
const ZERO = 48;
/** Longest header: a type, a sign, 16 digits, CRLF. */
const MAX_HEADER_BYTES = 20;
const MAX_DIGITS = 16;

/** Reads headers, and keeps the number of the last one: an object for each would cost too much. */
export class HeaderReader {
  #length = 0;

  /** Number that the last header gave; -1 for any that is negative. */
  get length(): number {
    return this.#length;
  }

  /**
   * Reads the header at `from`: the offset after it, or -1 where more bytes are needed.
   *
   * @param to End of what was read.
   * @param type {@linkcode STAR} or {@linkcode DOLLAR}
   * @throws {PinionError} `BAD_FRAME`
   */
  read(bytes: Uint8Array, from: number, to: number, type: number): number {
    const length = readDigits(bytes, from + 1, to);
    const at = digitsEnd;
    const digits = at - from - 1;
    const isPlain = at + 2 <= to && bytes[at] === CR && bytes[from] === type && digits > 0 &&
      digits <= MAX_DIGITS && (digits === 1 || bytes[from + 1] !== ZERO);
    if (!isPlain) return this.#readOdd(bytes, from, to, type);
    this.#length = length;
    return at + 2;
  }

  /**
   * Reads a length that is no plain number: `*-1` is a request without arguments, the rest is
   * refused.
   */
  #readOdd(bytes: Uint8Array, from: number, to: number, type: number): number {
    const header = String.fromCharCode(
      ...bytes.subarray(from, Math.min(to, from + MAX_HEADER_BYTES)),
    );
    if (!/\r./s.test(header) && header.length < MAX_HEADER_BYTES) return -1;
    if (bytes[from] !== type) {
      throw badFrame(`expected '$', got '${header[0].replace(/[\r\n]/, " ")}'`);
    }
    const negative = /^\*-[1-9]\d{0,9}\r./s.exec(header);
    if (negative !== null) {
      this.#length = -1;
      return from + negative[0].length;
    }
    throw badFrame(type === STAR ? "invalid multibulk length" : "invalid bulk length");
  }
}

/** The error of a malformed request; Redis words it. */
export function badFrame(message: string): PinionError {
  return new PinionError("BAD_FRAME", message);
}
