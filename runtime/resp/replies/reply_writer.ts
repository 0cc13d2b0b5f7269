/**
 * Encodes replies of ours as RESP2 or RESP3.
 *
 * Formatters write shapes (an array of so many items, a map of so many pairs) and values, in order;
 * the writer knows how each looks in the client's protocol.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { RespProtocol } from "./client_state.ts";

const encoder = new TextEncoder();
/** Room for any header. */
const HEADER_BYTES = 32;
/** Text above this length is encoded on its own rather than given room for the worst case. */
const LONG_TEXT = 64 * 1024;
/** Up to this length, characters are copied one by one: the encoder costs more to call. */
const SHORT_CHARS = 32;
const CR = 13;
const LF = 10;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** A reply that is written to a writer when the client's turn has come. */
export type WriteReply = (reply: ReplyWriter) => void;

/**
 * A growing buffer that holds one reply.
 *
 * Every method may throw `LIMIT_RESULT`: values come from user code, and one that refers to itself
 * many times over is small in memory and endless when it is written.
 */
export class ReplyWriter {
  /** Protocol of the client. */
  readonly protocol: RespProtocol;
  readonly #maxBytes: number;
  #bytes: Uint8Array<ArrayBuffer> = cutPiece();
  #length = 0;

  /** A reply of at most `maxBytes`. */
  constructor(protocol: RespProtocol, maxBytes = Infinity) {
    this.protocol = protocol;
    this.#maxBytes = maxBytes;
  }

  /** The reply; the writer is of no more use. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A status such as OK. */
  simple(text: string): void {
    this.#line("+", oneLine(text));
  }

  /** An error: its prefix and text. */
  error(text: string): void {
    this.#line("-", oneLine(text));
  }

  /** An integer; one that 64 bits do not hold goes as text or as a RESP3 big number. */
  integer(value: number | bigint): void {
    if (typeof value === "bigint" && (value > MAX_INT64 || value < MIN_INT64)) {
      if (this.protocol === 3) this.#line("(", String(value));
      else this.bulk(String(value));
    } else {
      this.#line(":", String(value));
    }
  }

  /** A number with a fraction: text in RESP2. */
  double(value: number): void {
    const text = Number.isNaN(value)
      ? "nan"
      : Number.isFinite(value)
      ? String(value)
      : value > 0
      ? "inf"
      : "-inf";
    if (this.protocol === 3) this.#line(",", text);
    else this.bulk(text);
  }

  /** A boolean: 1 or 0 in RESP2. */
  boolean(value: boolean): void {
    if (this.protocol === 3) this.#line("#", value ? "t" : "f");
    else this.integer(value ? 1 : 0);
  }

  /** No value. */
  null(): void {
    if (this.protocol === 3) this.#line("_", "");
    else this.#line("$", "-1");
  }

  /** Text as UTF-8, or bytes as they are. */
  bulk(value: string | Uint8Array): void {
    if (typeof value === "string") return this.#text(value);
    this.#line("$", String(value.length));
    this.#reserve(value.length + 2);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    this.#lineEnd();
  }

  /** Begins an array: that many values follow. */
  array(length: number): void {
    this.#line("*", String(length));
  }

  /** Begins a map: that many keys and values follow, in turn. An array of both in RESP2. */
  map(pairs: number): void {
    if (this.protocol === 3) this.#line("%", String(pairs));
    else this.array(pairs * 2);
  }

  #line(type: string, text: string): void {
    this.#reserve(text.length * 3 + HEADER_BYTES);
    this.#bytes[this.#length++] = type.charCodeAt(0);
    this.#length += this.#encode(text);
    this.#lineEnd();
  }

  /** Writes text behind what there is, for which there must be room: its bytes. */
  #encode(text: string): number {
    const bytes = this.#bytes;
    const from = this.#length;
    if (text.length <= SHORT_CHARS) {
      let at = 0;
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code >= 0x80) break;
        bytes[from + at] = code;
      }
      if (at === text.length) return at;
    }
    return encoder.encodeInto(text, bytes.subarray(from)).written;
  }

  /** Text is encoded behind a header for ASCII, and moved where the header has to be longer. */
  #text(text: string): void {
    if (text.length > LONG_TEXT) return this.bulk(encoder.encode(text));
    const start = this.#length;
    this.#line("$", String(text.length));
    const from = this.#length;
    this.#reserve(text.length * 3 + HEADER_BYTES);
    const written = this.#encode(text);
    if (written !== text.length) {
      this.#length = start;
      const body = this.#bytes.slice(from, from + written);
      this.#line("$", String(written));
      this.#bytes.set(body, this.#length);
    }
    this.#length += written;
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.#bytes[this.#length++] = CR;
    this.#bytes[this.#length++] = LF;
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#maxBytes) {
      throw new PinionError(
        "LIMIT_RESULT",
        `Cannot send the reply: expected at most ${this.#maxBytes} bytes`,
      );
    }
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Bytes of a piece, which most replies fit in. */
const PIECE_BYTES = 256;
/** A buffer for each reply would cost more than to write it. */
const SLAB_BYTES = 32 * PIECE_BYTES;
let slab = new Uint8Array(SLAB_BYTES);
let cutBytes = 0;

/** Bytes that nobody else writes to. */
function cutPiece(): Uint8Array<ArrayBuffer> {
  if (cutBytes === SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    cutBytes = 0;
  }
  cutBytes += PIECE_BYTES;
  return slab.subarray(cutBytes - PIECE_BYTES, cutBytes);
}

/** A line ends at the first CR or LF, so a text of several goes as one. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.trim().replace(/\s*[\r\n]+\s*/g, " | ") : text;
}
