/**
 * Encodes commands as RESP arrays of bulk strings, many into one buffer.
 *
 * Links use it for control commands, the reader of a shard for pipelines of millions. One encoder
 * has one buffer that grows and is reused; an argument costs no allocation.
 *
 * Pure: runs in the sandbox. Intrinsics are captured when the module loads, so that user code which
 * patches prototypes later does not change what is sent.
 *
 * @module
 */

import { PinionError } from "../errors.ts";
import { setBytes, subarray, uncurryThis } from "./intrinsics.ts";
import { CR, LF, TYPE } from "./resp_frame.ts";

/** A command's argument: text as UTF-8, numbers in decimal, booleans as `true` and `false`. */
export type RespArgument = string | number | bigint | boolean | Uint8Array;

const charCodeAt = uncurryThis(String.prototype.charCodeAt);
const copyWithin = uncurryThis(
  Uint8Array.prototype.copyWithin as (
    this: Uint8Array,
    to: number,
    start: number,
    end: number,
  ) => Uint8Array,
);
const sliceBuffer = uncurryThis(ArrayBuffer.prototype.slice);
const transferBuffer = uncurryThis(
  ArrayBuffer.prototype.transfer as (this: ArrayBuffer, byteLength: number) => ArrayBuffer,
);
const textEncoder = new TextEncoder();
const encodeInto = textEncoder.encodeInto.bind(textEncoder);
const Bytes = Uint8Array;
const toText = String;

/** Longest string, in UTF-16 units, that a loop encodes faster than {@linkcode TextEncoder}. */
const SHORT_TEXT = 32;
/** Room for any header: type, 16 digits, CRLF. */
const HEADER_BYTES = 20;
/** A buffer above this size is handed out rather than copied and kept. */
const KEEP_BYTES = 4 * 1024 * 1024;

/**
 * A growing buffer of encoded commands.
 *
 * @example
 * ```ts
 * import { RespEncoder } from "./resp_encoder.ts";
 *
 * const encoder = new RespEncoder();
 * encoder.command(["SET", "key", 1]);
 * new TextDecoder().decode(encoder.take()); // "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\n1\r\n"
 * ```
 */
export class RespEncoder {
  readonly #initialBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;
  /** End of the last whole command. */
  #length = 0;
  /** Position of the next byte; past `#length` while a command is being written. */
  #at = 0;
  #commands = 0;

  /** An empty encoder with a buffer of `initialBytes`. */
  constructor(initialBytes = 16_384) {
    this.#initialBytes = initialBytes;
    this.#bytes = new Bytes(initialBytes);
  }

  /** Bytes encoded since the last {@linkcode take}. */
  get byteLength(): number {
    return this.#length;
  }

  /** Commands encoded since the last {@linkcode take}. */
  get commands(): number {
    return this.#commands;
  }

  /**
   * Appends one command.
   *
   * @throws {PinionError} `BAD_ARGUMENT` for an argument of any other type; nothing is appended
   * then.
   */
  command(args: readonly RespArgument[]): void {
    const count = args.length;
    this.#begin(count);
    for (let i = 0; i < count; i++) this.#argument(args[i]);
    this.#end();
  }

  /**
   * Appends one command whose last arguments are encoded already, as bulk strings.
   *
   * @param argCount Arguments in all: those of `head` and those in `encodedArgs`. The bytes are not
   * checked against it.
   * @throws {PinionError} `BAD_ARGUMENT` as {@linkcode command}.
   */
  rawCommand(argCount: number, head: readonly RespArgument[], encodedArgs: Uint8Array): void {
    this.#begin(argCount);
    for (let i = 0; i < head.length; i++) this.#argument(head[i]);
    this.#reserve(encodedArgs.length);
    setBytes(this.#bytes, encodedArgs, this.#at);
    this.#at += encodedArgs.length;
    this.#end();
  }

  /**
   * The bytes encoded so far, in a buffer of exactly their size that nothing else refers to, so
   * that it can be transferred. The encoder is empty afterwards.
   */
  take(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#bytes;
    const length = this.#length;
    this.#length = 0;
    this.#commands = 0;
    if (buffer.byteLength <= KEEP_BYTES) return new Bytes(sliceBuffer(buffer, 0, length));
    this.#bytes = new Bytes(this.#initialBytes);
    return new Bytes(transferBuffer(buffer, length));
  }

  #begin(argCount: number): void {
    this.#at = this.#length;
    this.#reserve(HEADER_BYTES);
    this.#header(TYPE.array, argCount);
  }

  #end(): void {
    this.#length = this.#at;
    this.#commands++;
  }

  #argument(arg: RespArgument): void {
    if (typeof arg === "string") {
      if (arg.length > SHORT_TEXT || !this.#shortText(arg)) this.#text(arg);
    } else if (typeof arg === "number" || typeof arg === "bigint" || typeof arg === "boolean") {
      this.#argument(toText(arg));
    } else if (arg instanceof Bytes) {
      this.#reserve(arg.length + HEADER_BYTES + 2);
      this.#header(TYPE.bulk, arg.length);
      setBytes(this.#bytes, arg, this.#at);
      this.#at += arg.length;
      this.#lineEnd();
    } else {
      throw new PinionError(
        "BAD_ARGUMENT",
        "Cannot encode a command: expected arguments of type string, number, bigint, boolean or " +
          `Uint8Array, got ${arg === null ? "null" : typeof arg}`,
      );
    }
  }

  /** Writes ASCII text; false, with nothing written, where the text holds anything else. */
  #shortText(text: string): boolean {
    const length = text.length;
    this.#reserve(length + HEADER_BYTES + 2);
    const start = this.#at;
    this.#header(TYPE.bulk, length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const code = charCodeAt(text, i);
      if (code > 127) {
        this.#at = start;
        return false;
      }
      bytes[at++] = code;
    }
    bytes[at++] = CR;
    bytes[at++] = LF;
    this.#at = at;
    return true;
  }

  /**
   * Writes text behind a header that assumes ASCII, and moves it where the header was too short.
   */
  #text(text: string): void {
    const most = text.length * 3;
    this.#reserve(most + 2 * HEADER_BYTES);
    const start = this.#at;
    this.#header(TYPE.bulk, text.length);
    const from = this.#at;
    const { written } = encodeInto(text, subarray(this.#bytes, from, from + most));
    if (written !== text.length) {
      this.#at = start;
      this.#header(TYPE.bulk, written, from + written);
    }
    this.#at += written;
    this.#lineEnd();
  }

  /**
   * Writes a type and a length. With `bodyEnd`, the body lies behind the header of another length
   * that was written here before, and is moved to the end of this one.
   */
  #header(type: number, length: number, bodyEnd = 0): void {
    let digits = 1;
    for (let rest = length; rest >= 10; rest = (rest - rest % 10) / 10) digits++;
    const at = this.#at;
    const end = at + digits + 3;
    const bytes = this.#bytes;
    if (bodyEnd > 0) copyWithin(bytes, end, bodyEnd - length, bodyEnd);
    bytes[at] = type;
    let rest = length;
    for (let i = at + digits; i > at; i--) {
      const digit = rest % 10;
      bytes[i] = 48 + digit;
      rest = (rest - digit) / 10;
    }
    bytes[end - 2] = CR;
    bytes[end - 1] = LF;
    this.#at = end;
  }

  #lineEnd(): void {
    this.#bytes[this.#at++] = CR;
    this.#bytes[this.#at++] = LF;
  }

  #reserve(byteLength: number): void {
    const needed = this.#at + byteLength;
    if (needed <= this.#bytes.length) return;
    let size = this.#bytes.length * 2 || 64;
    while (size < needed) size *= 2;
    const bytes = new Bytes(size);
    setBytes(bytes, subarray(this.#bytes, 0, this.#at), 0);
    this.#bytes = bytes;
  }
}
