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

import type { PinionError } from "../../../errors.ts";
import type { ReplyNote } from "../replies/client_state.ts";
import { GearsRequest } from "./gears_request.ts";
import { badFrame, DOLLAR, HeaderReader, STAR } from "./header_reader.ts";
import { splitInline } from "./inline_arguments.ts";
import {
  equalsName,
  findPassThrough,
  LONGEST_NAME_BYTES,
  type PassThroughRow,
} from "./pass_through_table.ts";
import type { RespLimits } from "../replies/resp_limits.ts";

/** What the next bytes are. `end` is the offset after them. */
export type RequestPiece =
  /** Nothing yet: call again with the bytes from `end` on and more behind them. */
  | { readonly kind: "more"; readonly end: number }
  /** Bytes for Redis, in which `commands` commands begin. */
  | {
    readonly kind: "forward";
    readonly end: number;
    readonly commands: number;
    readonly notes: readonly RunNote[];
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

/** There is something to learn from the reply to one command of a run. */
export interface RunNote {
  /** Counted from 0 at the begin of the run. */
  readonly index: number;
  /** What. */
  readonly note: ReplyNote;
}

/** Modes of CLIENT REPLY. */
export type ReplyMode = "ON" | "OFF" | "SKIP";

/** See `#begin`. */
type Begun = number | RequestPiece | undefined;

const LF = 10;
const NO_NOTES: readonly RunNote[] = [];
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
  #isCounted = true;
  #gears: GearsRequest | undefined;
  readonly #header = new HeaderReader();
  /** The command that `#begin` began tells something by its reply. */
  #note: ReplyNote | undefined;

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
   * @param isCounted Whether replies are counted now, so that those of MULTI, EXEC and DISCARD can be
   * told by their number; otherwise such a command ends the run and is a `note`.
   * @throws {PinionError} `BAD_FRAME`, once everything before the bad frame was handed out
   */
  scan(bytes: Uint8Array, from: number, to: number, isCounted = true): RequestPiece {
    if (this.#gears !== undefined) return this.#collect(this.#gears, bytes, from, to);
    this.#isCounted = isCounted;
    let at = from;
    let commands = 0;
    let notes: RunNote[] | undefined;
    try {
      while (at < to) {
        let next: number;
        if (this.#bodyLeft > 0) {
          next = Math.min(to, at + this.#bodyLeft);
          this.#bodyLeft -= next - at;
        } else if (this.#argsLeft > 0) {
          next = this.#header.read(bytes, at, to, DOLLAR);
          if (next < 0) break;
          this.#bodyLeft = this.#header.length + 2;
          this.#argsLeft--;
        } else {
          const begun = this.#begin(bytes, at, to, at === from);
          if (begun === undefined) break;
          if (typeof begun === "object") return begun;
          next = Math.abs(begun);
          if (this.#note !== undefined) (notes ??= []).push({ index: commands, note: this.#note });
          this.#note = undefined;
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
    return { kind: "forward", end: at, commands, notes: notes ?? NO_NOTES, isAlone };
  }

  /**
   * Reads the head of a command: the offset to go on at (negative where no reply will come of it), a
   * piece that is not a run, or undefined where the run ends here: more bytes are needed, or the
   * command is one to see and is not the first.
   */
  #begin(bytes: Uint8Array, at: number, to: number, isFirst: boolean): Begun {
    if (bytes[at] !== STAR) return this.#beginInline(bytes, at, to, isFirst);
    const firstArg = this.#header.read(bytes, at, to, STAR);
    if (firstArg < 0) return undefined;
    const args = this.#header.length;
    if (args <= 0) return -firstArg;
    const name = this.#header.read(bytes, firstArg, to, DOLLAR);
    if (name < 0) return undefined;
    const nameBytes = this.#header.length;
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
    if (row !== undefined && !this.#isKnown(row)) return isFirst ? this.#announce(row) : undefined;
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
    if (row !== undefined && !this.#isKnown(row)) return isFirst ? this.#announce(row) : undefined;
    if (name.length === CLIENT.length && args.length === 3 && equalsName(name, 0, CLIENT)) {
      const mode = parseReplyMode(toText(args[1]), toText(args[2]));
      if (mode !== undefined) return isFirst ? { kind: "client reply", end, mode } : undefined;
    }
    this.#isAnnounced = false;
    this.#isAlone = row?.alone === true;
    return end;
  }

  /** Whether a command of the table may be part of a run. */
  #isKnown({ note }: PassThroughRow): boolean {
    if (this.#isAnnounced) return true;
    this.#note = this.#isCounted ? note : undefined;
    return this.#note !== undefined;
  }

  #announce(row: PassThroughRow): RequestPiece {
    this.#isAnnounced = true;
    return { kind: "note", row };
  }

  /** The rest of CLIENT with three arguments; 0 if it is no CLIENT REPLY that we know. */
  #readClientReply(bytes: Uint8Array, from: number, to: number): RequestPiece | 0 | undefined {
    const words: string[] = [];
    let at = from;
    for (let i = 0; i < 2; i++) {
      at = this.#header.read(bytes, at, to, DOLLAR);
      if (at < 0) return undefined;
      if (this.#header.length > "REPLY".length) return 0;
      const end = at + this.#header.length;
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
        const next = this.#header.read(bytes, at, to, DOLLAR);
        if (next < 0) break;
        request.beginArgument(this.#header.length);
        at = next;
      }
    }
    if (!request.isComplete) return { kind: "more", end: at };
    this.#gears = undefined;
    return request.error === undefined
      ? { kind: "gears", end: at, args: request.args }
      : { kind: "refused", end: at, error: request.error };
  }
}

function parseReplyMode(subcommand: string, mode: string): ReplyMode | undefined {
  if (subcommand.toUpperCase() !== "REPLY") return undefined;
  const upper = mode.toUpperCase();
  return upper === "ON" || upper === "OFF" || upper === "SKIP" ? upper : undefined;
}

function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
