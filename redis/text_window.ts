/**
 * Cuts many short texts out of one buffer of UTF-8, far faster than decoding each.
 *
 * The decoder of RESP owns one per buffer. A window of the buffer is decoded by one call; a text in
 * it is a substring. Where a window is ASCII, offsets of bytes and characters agree. Where it is
 * other valid UTF-8, a cursor counts characters from value to value (about 0.5 ns a byte). Where it
 * holds anything else, texts are decoded one by one.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

import { sliceBytes, subarray, uncurryThis } from "./intrinsics.ts";

const substring = uncurryThis(String.prototype.substring);
const indexOf = uncurryThis(String.prototype.indexOf as (this: string, text: string) => number);
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
const decode = textDecoder.decode.bind(textDecoder) as (bytes: Uint8Array) => string;
const { min } = Math;

/** Bytes that one call decodes. */
const WINDOW_BYTES = 16_384;
/** Longest text, in bytes, that is cut out of a window. */
const MAX_CUT_BYTES = WINDOW_BYTES / 2;
/** Character that a decoder puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = "\uFFFD";
/**
 * Bytes that are checked before longer ones are decoded: a decoder that refuses costs 7 us, and one
 * that replaces 9 ns a byte where it replaces, 0.05 ns where not. Most binary shows itself early.
 */
const PROBE_BYTES = 256;

/** Relations of a window's bytes to its text. */
const ASCII = 0;
const VALID = 1;
const UNKNOWN = 2;

/** Texts of one buffer, whose bytes must not change meanwhile. */
export class TextWindow {
  readonly #bytes: Uint8Array;
  #window = "";
  #from = 0;
  #to = 0;
  #kind = ASCII;
  /** True if a window was not UTF-8: the next ones are checked before they are decoded. */
  #hasBinary = false;
  /** In a window of other than ASCII: a place in the bytes, and the same place in the text. */
  #atByte = 0;
  #atChar = 0;

  /** Texts of `bytes`, which are not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * The bytes from `start` to `end` as text, or a copy of them where they are not valid UTF-8.
   * Where they are part of longer text, ASCII has to lie before and behind them.
   */
  read(start: number, end: number): string | Uint8Array {
    if (start < this.#from || end > this.#to) {
      if (end - start > MAX_CUT_BYTES) return this.#readOne(start, end);
      this.#open(start);
    }
    if (this.#kind === ASCII) {
      return substring(this.#window, start - this.#from, end - this.#from);
    }
    if (this.#kind === UNKNOWN || start < this.#atByte) return this.#readOne(start, end);
    this.#moveTo(start);
    const from = this.#atChar;
    this.#moveTo(end);
    return substring(this.#window, from, this.#atChar);
  }

  /** As {@linkcode read}, with a replacement character for each byte that is not valid. */
  readLossy(start: number, end: number): string {
    const text = this.read(start, end);
    return typeof text === "string" ? text : decode(text);
  }

  /** The bytes from `start` to `end`, not copied. */
  view(start: number, end: number): Uint8Array {
    return subarray(this.#bytes, start, end);
  }

  #readOne(start: number, end: number): string | Uint8Array {
    return tryDecode(this.#bytes, start, end) ?? sliceBytes(this.#bytes, start, end);
  }

  /** Decodes the window that begins at `start`. */
  #open(start: number): void {
    const end = cutBefore(this.#bytes, min(this.#bytes.length, start + WINDOW_BYTES));
    const text = !this.#hasBinary || isUtf8(this.#bytes, start, end)
      ? tryDecode(this.#bytes, start, end)
      : undefined;
    this.#window = text ?? "";
    this.#from = start;
    this.#to = end;
    this.#atByte = start;
    this.#atChar = 0;
    if (text === undefined) this.#kind = UNKNOWN;
    else this.#kind = text.length === end - start ? ASCII : VALID;
    this.#hasBinary ||= text === undefined;
  }

  /** Moves the cursor of a window that is valid UTF-8 on to a byte. */
  #moveTo(byte: number): void {
    const bytes = this.#bytes;
    let chars = this.#atChar;
    for (let i = this.#atByte; i < byte; i++) {
      const unit = bytes[i];
      if ((unit & 0xc0) !== 0x80) chars += unit < 0xf0 ? 1 : 2;
    }
    this.#atByte = byte;
    this.#atChar = chars;
  }
}

/** The bytes as text; undefined where they are not valid UTF-8. */
function tryDecode(bytes: Uint8Array, start: number, end: number): string | undefined {
  const probed = end - start > PROBE_BYTES ? cutBefore(bytes, start + PROBE_BYTES) : end;
  if (!isUtf8(bytes, start, probed)) return undefined;
  const text = decode(subarray(bytes, start, end));
  if (probed === end || indexOf(text, REPLACEMENT) < 0) return text;
  return isUtf8(bytes, probed, end) ? text : undefined;
}

/** The last offset up to `end`, at most 3 bytes before it, that is not inside a character. */
function cutBefore(bytes: Uint8Array, end: number): number {
  let cut = end;
  while (cut > end - 3 && cut < bytes.length && (bytes[cut] & 0xc0) === 0x80) cut--;
  return cut;
}

/**
 * Tells whether bytes are valid UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF).
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at++];
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (at + more > end) return false;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (bytes[at] < low || bytes[at] > high) return false;
    for (let i = 1; i < more; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}
