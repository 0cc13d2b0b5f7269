/**
 * Cuts what a client sends into pieces: runs of Redis commands to be passed on as they are, and the
 * few commands that the adapter has to see.
 *
 * A run is never decoded or copied: of each command the scanner reads the header and the name, and
 * skips the arguments. It keeps at most one command of ours (`RG.*`), up to the limits, and decides
 * about a Redis command as soon as its name is there, so the value of a SET may be larger than any
 * buffer. Where a frame ends it agrees with Redis, so nothing can hide between two commands.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { GearsRequest } from "./gears_request.ts";
import { splitInline } from "./inline_arguments.ts";
import {
  equalsName,
  findPassThrough,
  LONGEST_NAME_BYTES,
  type PassThroughRow,
} from "./pass_through_table.ts";
import type { RespLimits } from "./resp_limits.ts";

/** What the next bytes are. `end` is the offset after them. */
export type RequestPiece =
  /** Nothing yet: call again with the bytes from `end` on and more behind them. */
  | { readonly kind: "more"; readonly end: number }
  /** Bytes for Redis, in which `commands` commands begin. */
  | {
    readonly kind: "forward";
    readonly end: number;
    readonly commands: number;
    /** The run ends with a command that goes alone. */
    readonly isAlone: boolean;
  }
  /** The next command is one of the table. Nothing is consumed: it is in the next piece. */
  | { readonly kind: "note"; readonly row: PassThroughRow }
  /** CLIENT REPLY with a mode that exists. */
  | { readonly kind: "client reply"; readonly end: number; readonly mode: ReplyMode }
  /** A whole command of ours. */
  | { readonly kind: "gears"; readonly end: number; readonly args: readonly Uint8Array[] }
  /** A command of ours that is over a limit; it was skipped. */
  | { readonly kind: "refused"; readonly end: number; readonly error: PinionError };

/** Modes of CLIENT REPLY. */
export type ReplyMode = "ON" | "OFF" | "SKIP";

/** See `#begin`. */
type Begun = number | RequestPiece | undefined;

const STAR = 42;
const DOLLAR = 36;
const CR = 13;
const LF = 10;
const ZERO = 48;
/** Longest header: a type, a sign, 16 digits, CRLF. */
const MAX_HEADER_BYTES = 20;
const GEARS_PREFIX = new TextEncoder().encode("rg.");
const CLIENT = new TextEncoder().encode("client");

/** The state of one client's stream. After a throw it is of no more use. */
export class RequestScanner {
  readonly #limits: RespLimits;
  /** Arguments of the current command still to come. */
  #argsLeft = 0;
  /** Bytes of the current argument still to come, CRLF included. */
  #bodyLeft = 0;
  /** The next command was announced by a `note`. */
  #isAnnounced = false;
  #isAlone = false;
  #gears: GearsRequest | undefined;
  /** The length that `#readLength` read last. */
  #length = 0;

  /** At the begin of a stream. */
  constructor(limits: RespLimits) {
    this.#limits = limits;
  }

  /** Whether the stream stands between two commands. */
  get atBoundary(): boolean {
    return this.#argsLeft === 0 && this.#bodyLeft === 0 && this.#gears === undefined;
  }

  /** The command of ours that has begun and is not complete. */
  get collected(): GearsRequest | undefined {
    return this.#gears;
  }

  /**
   * The piece that begins at `from`.
   *
   * @param to End of what was read.
   * @throws {PinionError} `BAD_FRAME`, once everything before the bad frame was handed out
   */
  scan(bytes: Uint8Array, from: number, to: number): RequestPiece {
    if (this.#gears !== undefined) return this.#collect(this.#gears, bytes, from, to);
    let at = from;
    let commands = 0;
    try {
      while (at < to) {
        let next: number;
        if (this.#bodyLeft > 0) {
          next = Math.min(to, at + this.#bodyLeft);
          this.#bodyLeft -= next - at;
        } else if (this.#argsLeft > 0) {
          next = this.#readLength(bytes, at, to, DOLLAR);
          if (next < 0) break;
          this.#bodyLeft = this.#length + 2;
          this.#argsLeft--;
        } else {
          const begun = this.#begin(bytes, at, to, at === from);
          if (begun === undefined) break;
          if (typeof begun === "object") return begun;
          next = Math.abs(begun);
          if (begun > 0) commands++;
        }
        at = next;
        if (this.#isAlone && this.#argsLeft === 0 && this.#bodyLeft === 0) break;
      }
    } catch (error) {
      if (at === from) throw error;
    }
    if (at === from) return { kind: "more", end: from };
    const isAlone = this.#isAlone && this.atBoundary;
    if (isAlone) this.#isAlone = false;
    return { kind: "forward", end: at, commands, isAlone };
  }

  /**
   * Reads the head of a command: the offset to go on at (negative where no reply will come of it), a
   * piece that is not a run, or undefined where the run ends here: more bytes are needed, or the
   * command is one to see and is not the first.
   */
  #begin(bytes: Uint8Array, at: number, to: number, isFirst: boolean): Begun {
    if (bytes[at] !== STAR) return this.#beginInline(bytes, at, to, isFirst);
    const firstArg = this.#readLength(bytes, at, to, STAR);
    if (firstArg < 0) return undefined;
    const args = this.#length;
    if (args <= 0) return -firstArg;
    const name = this.#readLength(bytes, firstArg, to, DOLLAR);
    if (name < 0) return undefined;
    const nameBytes = this.#length;
    if (to - name < (nameBytes <= LONGEST_NAME_BYTES ? nameBytes : GEARS_PREFIX.length)) {
      return undefined;
    }
    if (nameBytes > GEARS_PREFIX.length && equalsName(bytes, name, GEARS_PREFIX)) {
      if (!isFirst) return undefined;
      this.#gears = new GearsRequest(args, this.#limits);
      return this.#collect(this.#gears, bytes, firstArg, to);
    }
    const row = nameBytes <= LONGEST_NAME_BYTES
      ? findPassThrough(bytes, name, nameBytes)
      : undefined;
    if (row !== undefined && !this.#isAnnounced) return this.#announce(row, isFirst);
    if (nameBytes === CLIENT.length && args === 3 && equalsName(bytes, name, CLIENT)) {
      const piece = this.#readClientReply(bytes, name + nameBytes + 2, to);
      if (piece !== 0) return isFirst ? piece : undefined;
    }
    this.#isAnnounced = false;
    this.#isAlone = row?.alone === true;
    this.#argsLeft = args - 1;
    this.#bodyLeft = nameBytes + 2;
    return name;
  }

  #beginInline(bytes: Uint8Array, at: number, to: number, isFirst: boolean): Begun {
    const lineEnd = bytes.subarray(at, to).indexOf(LF);
    if (lineEnd < 0) {
      if (to - at >= this.#limits.readBufferBytes) throw badFrame("too big inline request");
      return undefined;
    }
    const end = at + lineEnd + 1;
    const args = splitInline(bytes.subarray(at, end - 1));
    if (args === undefined) throw badFrame("unbalanced quotes in request");
    if (args.length === 0) return -end;
    const [name] = args;
    if (name.length > GEARS_PREFIX.length && equalsName(name, 0, GEARS_PREFIX)) {
      return isFirst ? { kind: "gears", end, args } : undefined;
    }
    const row = findPassThrough(name, 0, name.length);
    if (row !== undefined && !this.#isAnnounced) return this.#announce(row, isFirst);
    if (name.length === CLIENT.length && args.length === 3 && equalsName(name, 0, CLIENT)) {
      const mode = parseReplyMode(toText(args[1]), toText(args[2]));
      if (mode !== undefined) return isFirst ? { kind: "client reply", end, mode } : undefined;
    }
    this.#isAnnounced = false;
    this.#isAlone = row?.alone === true;
    return end;
  }

  #announce(row: PassThroughRow, isFirst: boolean): Begun {
    if (!isFirst) return undefined;
    this.#isAnnounced = true;
    return { kind: "note", row };
  }

  /** The rest of CLIENT with three arguments; 0 if it is no CLIENT REPLY that we know. */
  #readClientReply(bytes: Uint8Array, from: number, to: number): RequestPiece | 0 | undefined {
    const words: string[] = [];
    let at = from;
    for (let i = 0; i < 2; i++) {
      at = this.#readLength(bytes, at, to, DOLLAR);
      if (at < 0) return undefined;
      if (this.#length > "REPLY".length) return 0;
      const end = at + this.#length;
      if (end + 2 > to) return undefined;
      words.push(toText(bytes.subarray(at, end)));
      at = end + 2;
    }
    const mode = parseReplyMode(words[0], words[1]);
    return mode === undefined ? 0 : { kind: "client reply", end: at, mode };
  }

  #collect(request: GearsRequest, bytes: Uint8Array, from: number, to: number): RequestPiece {
    let at = from;
    while (at < to && !request.isComplete) {
      if (request.isInBody) {
        at = request.take(bytes, at, to);
      } else {
        const next = this.#readLength(bytes, at, to, DOLLAR);
        if (next < 0) break;
        request.beginArgument(this.#length);
        at = next;
      }
    }
    if (!request.isComplete) return { kind: "more", end: at };
    this.#gears = undefined;
    return request.error === undefined
      ? { kind: "gears", end: at, args: request.args }
      : { kind: "refused", end: at, error: request.error };
  }

  /**
   * Reads `*N` or `$N` with its line end into `#length`: the offset after it, or -1 where more bytes
   * are needed.
   */
  #readLength(bytes: Uint8Array, from: number, to: number, type: number): number {
    if (from >= to) return -1;
    let at = from + 1;
    let length = 0;
    let digit: number;
    while (at < to && (digit = bytes[at] - 48) >= 0 && digit <= 9) {
      length = length * 10 + digit;
      at++;
    }
    // Redis skips the byte behind CR without a look, so frames have to end there for us, too.
    const isOdd = bytes[from] !== type || at === from + 1 || at - from > MAX_HEADER_BYTES - 3 ||
      bytes[at] !== CR ||
      (bytes[from + 1] === ZERO && at > from + 2);
    if (isOdd || at + 2 > to) {
      return this.#readOddLength(bytes, from, to, type);
    }
    this.#length = length;
    return at + 2;
  }

  /** What is no plain length: `*-1` is a command without arguments, the rest is refused. */
  #readOddLength(bytes: Uint8Array, from: number, to: number, type: number): number {
    const header = toText(bytes.subarray(from, Math.min(to, from + MAX_HEADER_BYTES)));
    if (!/\r./s.test(header) && header.length < MAX_HEADER_BYTES) return -1;
    if (bytes[from] !== type) {
      const got = String.fromCharCode(bytes[from]).replace(/[\r\n]/, " ");
      throw badFrame(`expected '$', got '${got}'`);
    }
    const negative = /^\*-[1-9]\d{0,9}\r./s.exec(header);
    if (negative !== null) {
      this.#length = -1;
      return from + negative[0].length;
    }
    throw badFrame(type === STAR ? "invalid multibulk length" : "invalid bulk length");
  }
}

function parseReplyMode(subcommand: string, mode: string): ReplyMode | undefined {
  if (subcommand.toUpperCase() !== "REPLY") return undefined;
  const upper = mode.toUpperCase();
  return upper === "ON" || upper === "OFF" || upper === "SKIP" ? upper : undefined;
}

function badFrame(message: string): PinionError {
  return new PinionError("BAD_FRAME", message);
}

function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
