/**
 * Decodes whole RESP frames from bytes.
 *
 * The sandbox decodes pages of a shard's values with it, the runtime every reply. Text is the hot
 * path: a call of {@linkcode TextDecoder} costs more than 100 ns, so one call decodes a window of
 * 16 KiB and values are substrings of it. V8 keeps the parent of a substring of 13 characters or
 * more alive: one value that is kept may hold one window (16 KiB, or 32 KiB outside of Latin-1),
 * never the page. A value longer than half a window is decoded by itself.
 *
 * Pure: runs in the sandbox. Intrinsics are captured when the module loads, so that user code which
 * patches prototypes later breaks as little as possible.
 *
 * @module
 */

import { digitsEnd, readDigits } from "./digits.ts";
import { uncurryThis } from "./intrinsics.ts";
import { RespCursor } from "./resp_cursor.ts";
import { CR, LF, SHAPE_AGGREGATE, SHAPE_LINE, SHAPES, showByte, TYPE } from "./resp_frame.ts";
import { TextWindow } from "./text_window.ts";

/** A decoded frame. Maps, sets and booleans come from RESP3 only. */
export type RespValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | RespError
  | RespValue[]
  | Map<RespValue, RespValue>
  | Set<RespValue>;

/** An error reply. It is a value: a reply may hold several, each beside good ones. */
export class RespError extends Error {
  /** Always `RespError`. */
  override readonly name = "RespError";

  /** First word of the text, for example `WRONGTYPE`. */
  get code(): string {
    const end = this.message.indexOf(" ");
    return end < 0 ? this.message : this.message.slice(0, end);
  }
}

const BaseMap = Map;
const BaseSet = Set;
const setMapEntry = uncurryThis(Map.prototype.set);
const addToSet = uncurryThis(Set.prototype.add);
const toBigInt = BigInt;
const toNumber = Number;
const { isSafeInteger } = Number;

/** Most digits of an integer that is surely safe. */
const SAFE_DIGITS = 15;

/**
 * A cursor over bytes that hold whole frames. Bytes must not change while values are read. After a
 * throw the cursor is of no more use.
 *
 * Bulk strings become text where they are valid UTF-8, else copied bytes (the rule of RedisGears);
 * integers become numbers, or bigints beyond the safe range; the nulls of RESP2 and RESP3 become
 * null. Attributes are skipped.
 *
 * @example
 * ```ts
 * import { RespDecoder } from "./resp_decoder.ts";
 *
 * const decoder = new RespDecoder(new TextEncoder().encode("*2\r\n$2\r\nhi\r\n:7\r\n"));
 * decoder.next(); // ["hi", 7]
 * ```
 */
export class RespDecoder extends RespCursor {
  readonly #text: TextWindow;

  /** A cursor at `offset`, where a frame has to begin. */
  constructor(bytes: Uint8Array, offset = 0) {
    super(bytes, offset);
    this.#text = new TextWindow(bytes);
  }

  /**
   * The next frame as a value.
   *
   * @throws {PinionError} `BAD_FRAME` for malformed or missing bytes.
   */
  next(): RespValue {
    const type = this.peekType();
    switch (type) {
      case TYPE.bulk: {
        const start = this.openBulk();
        return start < 0 ? null : this.#text.read(start, this.offset - 2);
      }
      case TYPE.simple:
        return this.#line();
      case TYPE.error:
        return new RespError(this.#line());
      case TYPE.integer:
        return this.#integer();
      case TYPE.array:
      case TYPE.push:
        return this.#array();
      case TYPE.set:
        return this.#set();
      case TYPE.map:
        return this.#map();
      case TYPE.blobError: {
        const start = this.openBulk();
        return new RespError(this.#text.readLossy(start, this.offset - 2));
      }
      case TYPE.verbatim:
        return this.#verbatim();
      default:
        return this.#scalar(type);
    }
  }

  /**
   * Reads the header of an array, set or push: the number of frames that follow, which the caller
   * reads one by one. For a map, twice its pairs, so that RESP2 and RESP3 replies read alike; -1
   * for null.
   *
   * @throws {PinionError} `BAD_FRAME`, also for a frame of another type.
   */
  readAggregateLength(): number {
    const type = this.peekType();
    if (type === TYPE.null) return this.#line() === "" ? -1 : this.refuse("a null", "text");
    if (!(SHAPES[type] >= SHAPE_AGGREGATE)) return this.refuse("an aggregate", showByte(type));
    return this.aggregateLength();
  }

  /**
   * Reads a bulk string as text, or as a copy of its bytes where they are not valid UTF-8.
   *
   * @throws {PinionError} `BAD_FRAME`, also for a frame of another type.
   */
  readBulkText(): string | Uint8Array | null {
    const start = this.#bulkStart();
    return start < 0 ? null : this.#text.read(start, this.offset - 2);
  }

  /**
   * Reads a bulk string as a view of the decoder's bytes.
   *
   * @throws {PinionError} `BAD_FRAME`, also for a frame of another type.
   */
  readBulkBytes(): Uint8Array | null {
    const start = this.#bulkStart();
    return start < 0 ? null : this.#text.view(start, this.offset - 2);
  }

  /** The start of the body of a bulk string, or -1 for null; `offset` is then the next frame's. */
  #bulkStart(): number {
    const type = this.peekType();
    if (type === TYPE.bulk) return this.openBulk();
    if (type === TYPE.null && this.#line() === "") return -1;
    return this.refuse("a bulk string", showByte(type));
  }

  #array(): RespValue[] | null {
    const count = this.aggregateLength();
    if (count < 0) return null;
    const values: RespValue[] = [];
    this.checkDepth(count > 0 ? ++this.depth : 0);
    for (let i = 0; i < count; i++) values[i] = this.next();
    if (count > 0) this.depth--;
    return values;
  }

  #map(): Map<RespValue, RespValue> {
    const values = this.#array()!;
    const map = new BaseMap<RespValue, RespValue>();
    for (let i = 0; i < values.length; i += 2) setMapEntry(map, values[i], values[i + 1]);
    return map;
  }

  #set(): Set<RespValue> {
    const values = this.#array()!;
    const set = new BaseSet<RespValue>();
    for (let i = 0; i < values.length; i++) addToSet(set, values[i]);
    return set;
  }

  #integer(): number | bigint {
    const bytes = this.bytes;
    const from = this.offset + 1;
    const isNegative = bytes[from] === 45;
    const first = isNegative ? from + 1 : from;
    const value = readDigits(bytes, first, first + SAFE_DIGITS);
    const at = digitsEnd;
    if (at > first && bytes[at] === CR && bytes[at + 1] === LF) {
      this.offset = at + 2;
      return isNegative && value > 0 ? -value : value;
    }
    const big = this.#bigInt();
    return isSafeInteger(toNumber(big)) ? toNumber(big) : big;
  }

  #bigInt(): bigint {
    const text = this.#line();
    const isSigned = text[0] === "-" || text[0] === "+";
    let at = isSigned ? 1 : 0;
    while (at < text.length && text[at] >= "0" && text[at] <= "9") at++;
    if (at < text.length || at === (isSigned ? 1 : 0)) this.refuse("an integer", "other text");
    return toBigInt(text);
  }

  #verbatim(): string | Uint8Array {
    const start = this.openBulk();
    const end = this.offset - 2;
    if (end - start < 4 || this.bytes[start + 3] !== TYPE.integer) {
      this.refuse("a verbatim string with a format", "other bytes");
    }
    return this.#text.read(start + 4, end);
  }

  #scalar(type: number): RespValue {
    if (type === TYPE.bigNumber) return this.#bigInt();
    if (SHAPES[type] !== SHAPE_LINE) return this.refuse("the type of a frame", showByte(type));
    const text = this.#line();
    if (type === TYPE.null) return text === "" ? null : this.refuse("a null", "text");
    if (type === TYPE.boolean) {
      return text === "t" || (text !== "f" && this.refuse('"t" or "f"', "other text"));
    }
    if (text === "inf" || text === "+inf") return Infinity;
    if (text === "-inf") return -Infinity;
    if (text === "nan" || text === "-nan") return NaN;
    const value = toNumber(text);
    return value === value && text !== "" ? value : this.refuse("a double", "other text");
  }

  /** Reads a line; its text without the type. */
  #line(): string {
    const from = this.offset + 1;
    return this.#text.readLossy(from, this.lineEnd());
  }
}
