/**
 * Finds where RESP frames end in a stream of chunks, without decoding them.
 *
 * Links count replies with it, and the reader of a shard cuts the stream into pages of whole frames
 * for the sandbox. It keeps nothing of a chunk, so a chunk may break a frame anywhere; the body of
 * a bulk string is skipped, not looked at. It accepts every frame that the decoder accepts and ends
 * it at the same byte; it does not look into the text of lines.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

import { checkAtMost, FrameNesting } from "./frame_nesting.ts";
import { digitsEnd, readDigits } from "./digits.ts";
import {
  badFrame,
  CR,
  LF,
  MAX_AGGREGATE,
  MAX_BULK_BYTES,
  MAX_DEPTH,
  MAX_LENGTH_DIGITS,
  MAX_LINE_BYTES,
  SHAPE_BULK,
  SHAPE_LINE,
  SHAPE_PAIRS,
  SHAPES,
  showByte,
  TYPE,
} from "./resp_frame.ts";

const { min } = Math;

/** Bounds of what a peer may send. */
export interface FrameLimits {
  /** Longest bulk string, in bytes; default 512 MiB. */
  readonly maxBulkBytes?: number;
  /** Deepest nesting of aggregates; default 128. */
  readonly maxDepth?: number;
  /** Most elements of an aggregate, or pairs of a map; default 2^31 - 1. */
  readonly maxAggregate?: number;
}

/**
 * ```text
 *   START ─type─► LENGTH ─CR─► LENGTH_LF ─bulk─► BODY ─► BODY_CR ─► BODY_LF ─► START
 *     │                            └─aggregate, null─► START
 *     └────type─► LINE ───CR─► LINE_LF ─► START
 * ```
 */
const START = 0;
const LENGTH = 1;
const LENGTH_LF = 2;
const LINE = 3;
const LINE_LF = 4;
const BODY = 5;
const BODY_CR = 6;
const BODY_LF = 7;

/**
 * The state of one stream. After a throw it is of no more use, as the place of the next frame is
 * not known.
 *
 * @example
 * ```ts
 * import { FrameScanner } from "./frame_scanner.ts";
 *
 * const scanner = new FrameScanner();
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * scanner.push(bytes("+OK\r\n$5\r\nhel")); // 1
 * scanner.push(bytes("lo\r\n:1\r\n")); // 2
 * ```
 */
export class FrameScanner {
  readonly #maxBulkBytes: number;
  readonly #maxAggregate: number;
  readonly #nesting: FrameNesting;
  #state = START;
  #type = 0;
  /** Value of the digits read, then the bytes of a bulk body still to come. */
  #length = 0;
  /** Characters of the header read. */
  #lineBytes = 0;
  #isNegative = false;
  #lastType = 0;

  /** A scanner at the start of a stream. */
  constructor(limits: FrameLimits = {}) {
    this.#maxBulkBytes = limits.maxBulkBytes ?? MAX_BULK_BYTES;
    this.#maxAggregate = limits.maxAggregate ?? MAX_AGGREGATE;
    this.#nesting = new FrameNesting(limits.maxDepth ?? MAX_DEPTH);
  }

  /**
   * First byte of the frame that {@linkcode scan} completed last (of the frame itself, not of an
   * attribute before it), for example 45 (`-`) for an error. Undefined while a frame is open.
   */
  get lastType(): number {
    return this.#lastType;
  }

  /** Tells whether the stream may end here: no frame is begun. An attribute begins a frame. */
  get atBoundary(): boolean {
    return this.#state === START && this.#nesting.isEmpty;
  }

  /**
   * Takes a whole chunk; the number of frames that it completed.
   *
   * @throws {PinionError} `BAD_FRAME`
   */
  push(chunk: Uint8Array): number {
    let frames = 0;
    for (let at = this.scan(chunk, 0); at >= 0; at = this.scan(chunk, at)) frames++;
    return frames;
  }

  /**
   * Takes a chunk up to the end of one frame: the offset just after it. When no frame ends in the
   * rest of the chunk: -1, and the next call begins with the next chunk.
   *
   * @param from Offset of the first byte that is new: 0, or what the last call answered.
   * @throws {PinionError} `BAD_FRAME`
   */
  scan(chunk: Uint8Array, from: number): number {
    const size = chunk.length;
    let at = from;
    while (at < size) {
      const end = this.#state === START && chunk[at] === TYPE.bulk ? this.#wholeBulk(chunk, at) : 0;
      at = end > 0 ? end : this.#step(chunk, at);
      if (at < 0) return -1;
      if (this.#nesting.complete()) return at;
    }
    return -1;
  }

  /** The end of a bulk string that lies in the chunk as a whole; 0 for {@linkcode #step} to see. */
  #wholeBulk(chunk: Uint8Array, from: number): number {
    const size = chunk.length;
    const length = readDigits(chunk, from + 1, size);
    const at = digitsEnd;
    const end = at + length + 4;
    if (
      at === from + 1 || at - from > MAX_LENGTH_DIGITS || end > size ||
      length > this.#maxBulkBytes ||
      chunk[at] !== CR || chunk[at + 1] !== LF || chunk[end - 2] !== CR || chunk[end - 1] !== LF
    ) return 0;
    if (this.#nesting.isFlat) this.#lastType = TYPE.bulk;
    return end;
  }

  /** Reads on to the end of one value or one header of an aggregate; -1 where the chunk ends. */
  #step(chunk: Uint8Array, from: number): number {
    const size = chunk.length;
    let at = from;
    while (at < size) {
      const byte = chunk[at];
      switch (this.#state) {
        case START:
          this.#start(byte);
          break;
        case LENGTH:
          if (byte === CR) this.#state = LENGTH_LF;
          else this.#digit(byte);
          break;
        case LENGTH_LF:
          expectByte(LF, byte);
          if (this.#endLength()) return at + 1;
          break;
        case LINE:
          at = this.#line(chunk, at);
          continue;
        case LINE_LF:
          expectByte(LF, byte);
          this.#state = START;
          return at + 1;
        default:
          return this.#body(chunk, at);
      }
      at++;
    }
    return -1;
  }

  /** Reads on in the body of a bulk string; -1 where the chunk ends before it does. */
  #body(chunk: Uint8Array, from: number): number {
    const size = chunk.length;
    let at = from;
    if (this.#state === BODY) {
      const taken = min(size - at, this.#length);
      this.#length -= taken;
      at += taken;
      if (this.#length === 0) this.#state = BODY_CR;
    }
    if (this.#state === BODY_CR && at < size) {
      expectByte(CR, chunk[at++]);
      this.#state = BODY_LF;
    }
    if (this.#state !== BODY_LF || at === size) return -1;
    expectByte(LF, chunk[at]);
    this.#state = START;
    return at + 1;
  }

  #start(type: number): void {
    const shape = SHAPES[type];
    if (shape === 0) throw badFrame("the type of a frame", showByte(type));
    this.#type = type;
    if (this.#nesting.isFlat) this.#lastType = type;
    this.#length = 0;
    this.#lineBytes = 0;
    this.#isNegative = false;
    this.#state = shape === SHAPE_LINE ? LINE : LENGTH;
  }

  #digit(byte: number): void {
    const digit = byte - 48;
    if (byte === TYPE.error && this.#lineBytes === 0) this.#isNegative = true;
    else if (digit < 0 || digit > 9) throw badFrame("a digit of a length", showByte(byte));
    else this.#length = this.#length * 10 + digit;
    if (++this.#lineBytes > MAX_LENGTH_DIGITS) {
      throw badFrame(`a length of at most ${MAX_LENGTH_DIGITS} digits`, "more");
    }
  }

  /** Skips the text of a line; where it stopped. */
  #line(chunk: Uint8Array, from: number): number {
    const end = min(chunk.length, from + MAX_LINE_BYTES + 1 - this.#lineBytes);
    let at = from;
    while (at < end && chunk[at] !== CR && chunk[at] !== LF) at++;
    this.#lineBytes += at - from;
    if (this.#lineBytes > MAX_LINE_BYTES) {
      throw badFrame(`a line of at most ${MAX_LINE_BYTES} bytes`, "more");
    }
    if (at === chunk.length) return at;
    expectByte(CR, chunk[at]);
    this.#state = LINE_LF;
    return at + 1;
  }

  /** Acts on a whole length; whether a value or the header of an aggregate is complete. */
  #endLength(): boolean {
    const length = this.#length;
    this.#state = START;
    if (this.#lineBytes === 0) throw badFrame("a length", "none");
    if (this.#isNegative) {
      const isNull = this.#lineBytes === 2 && length === 1 &&
        (this.#type === TYPE.bulk || this.#type === TYPE.array);
      if (!isNull) throw badFrame("a length of 0 or more", "a negative one");
      return true;
    }
    const shape = SHAPES[this.#type];
    if (shape === SHAPE_BULK) {
      checkAtMost(length, this.#maxBulkBytes, "bytes of a bulk string");
      this.#state = BODY;
      return false;
    }
    checkAtMost(length, this.#maxAggregate, "elements of an aggregate");
    const values = shape === SHAPE_PAIRS ? length * 2 : length;
    if (this.#type === TYPE.attribute) this.#nesting.openAttribute(values);
    else this.#nesting.open(values);
    return true;
  }
}

function expectByte(expected: number, got: number): void {
  if (got !== expected) throw badFrame(showByte(expected), showByte(got));
}
