/**
 * Moves over whole RESP frames in bytes: lengths, bodies and ends, no values.
 *
 * The decoder builds on it. Every byte that it moves over is checked against the grammar.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

import { digitsEnd, readDigits } from "./digits.ts";
import {
  badFrame,
  CR,
  LF,
  MAX_AGGREGATE,
  MAX_DEPTH,
  MAX_LENGTH_DIGITS,
  MAX_LINE_BYTES,
  SHAPE_AGGREGATE,
  SHAPE_BULK,
  SHAPE_LINE,
  SHAPE_PAIRS,
  SHAPES,
  showByte,
  TYPE,
} from "./resp_frame.ts";

/** Fewest bytes of a frame (`_\r\n`): bounds what a length can promise. */
const MIN_FRAME_BYTES = 3;
const MINUS = 45;
const ONE = 49;

/** A place in bytes that hold whole frames. After a throw it is of no more use. */
export class RespCursor {
  /** Offset of the next frame. May be set to the start of another one. */
  offset: number;
  /** All of the bytes. */
  protected readonly bytes: Uint8Array;
  /** Open aggregates around the next frame. */
  protected depth = 0;

  /** A cursor at `offset`, where a frame has to begin. */
  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  /** Tells whether no byte is left. */
  get done(): boolean {
    return this.offset >= this.bytes.length;
  }

  /** First byte of the next frame, after any attribute: 45 (`-`) for an error. */
  peekType(): number {
    while (this.bytes[this.offset] === TYPE.attribute) this.#skipAttribute();
    return this.bytes[this.offset];
  }

  /**
   * Skips one frame with all that it holds. The text of lines is not checked.
   *
   * @throws {PinionError} `BAD_FRAME`
   */
  skip(): void {
    const outer: number[] = [];
    let depth = 0;
    let remaining = 1;
    while (remaining > 0) {
      remaining--;
      const type = this.bytes[this.offset];
      const shape = SHAPES[type];
      if (shape === SHAPE_LINE) this.lineEnd();
      else if (shape === SHAPE_BULK) this.openBulk();
      else {
        const count = this.aggregateLength();
        if (type === TYPE.attribute) remaining += count + 1;
        else if (count > 0) {
          outer[depth++] = remaining;
          remaining = count;
          this.checkDepth(this.depth + depth);
        }
      }
      while (remaining === 0 && depth > 0) remaining = outer[--depth];
    }
  }

  /** Moves behind a bulk string, whose body ends 2 bytes before; where it starts, -1 for null. */
  protected openBulk(): number {
    const bytes = this.bytes;
    const length = this.#header();
    if (length < 0) return -1;
    const start = this.offset;
    const end = start + length;
    if (end + 2 > bytes.length) return this.refuse(`${length + 2} bytes of a bulk string`, "fewer");
    if (bytes[end] !== CR || bytes[end + 1] !== LF) {
      return this.refuse("CRLF after a bulk string", showByte(bytes[end]));
    }
    this.offset = end + 2;
    return start;
  }

  /** Reads a type and a length; -1 for null. */
  #header(): number {
    const bytes = this.bytes;
    const from = this.offset + 1;
    const length = readDigits(bytes, from, bytes.length);
    const at = digitsEnd;
    if (at === from || at - from > MAX_LENGTH_DIGITS) return this.#oddLength();
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.refuse("a length", "other bytes");
    this.offset = at + 2;
    return length;
  }

  /** A length that is no digits: the null `-1`, or malformed. */
  #oddLength(): number {
    const { bytes, offset: at } = this;
    const type = bytes[at];
    if (type === undefined || SHAPES[type] === 0) {
      return this.refuse("the type of a frame", showByte(type));
    }
    const isNull = bytes[at + 1] === MINUS && bytes[at + 2] === ONE && bytes[at + 3] === CR &&
      bytes[at + 4] === LF && (type === TYPE.bulk || type === TYPE.array);
    if (!isNull) return this.refuse("a length", "other bytes");
    this.offset = at + 5;
    return -1;
  }

  /** Reads the header of an aggregate or attribute: how many frames follow. */
  protected aggregateLength(): number {
    const type = this.bytes[this.offset];
    const shape = SHAPES[type];
    if (!(shape >= SHAPE_AGGREGATE)) return this.refuse("the type of a frame", showByte(type));
    const length = this.#header();
    if (length > MAX_AGGREGATE) return this.refuse("fewer elements", `${length}`);
    const count = shape === SHAPE_PAIRS ? length * 2 : length;
    if (count * MIN_FRAME_BYTES > this.bytes.length - this.offset) {
      return this.refuse(`${count} frames of an aggregate`, "fewer bytes");
    }
    return count;
  }

  /** Moves behind a line; where its text ends. */
  protected lineEnd(): number {
    const bytes = this.bytes;
    const from = this.offset + 1;
    let at = from;
    while (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.refuse("a line that ends", "none");
    if (at - from > MAX_LINE_BYTES) return this.refuse("a shorter line", `${at - from} bytes`);
    this.offset = at + 2;
    return at;
  }

  /** Refuses a nesting that is too deep. */
  protected checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) this.refuse(`at most ${MAX_DEPTH} nested aggregates`, "more");
  }

  /** Refuses the next frame. */
  protected refuse(expected: string, got: string): never {
    throw badFrame(`${expected} at byte ${this.offset}`, got);
  }

  #skipAttribute(): void {
    for (let count = this.aggregateLength(); count > 0; count--) this.skip();
  }
}
