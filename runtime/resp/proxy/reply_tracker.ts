/**
 * Follows what Redis sends to one client: counts replies, learns from those that matter, takes out
 * those that answer a question of ours and passes everything else on untouched.
 *
 * Pure: it holds no socket. In which way it looks at the stream is its mode:
 *
 * ```text
 *             SUBSCRIBE family                    MONITOR, replica, unreadable frame
 *   synced ───────────────────► piping     synced, piping ───────────────────► opaque
 *      ▲                           │
 *      └── our PING was answered ──┘
 * ```
 *
 * - `synced`: every frame but pushes is the reply to one command, so it is known how many are
 *   outstanding.
 * - `piping`: frames are seen, not counted, as messages look like replies.
 * - `opaque`: bytes are passed on without a look. There is no way back.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { concatBytes } from "../../../redis/bytes.ts";
import { FrameScanner } from "../../../redis/frame_scanner.ts";
import { TYPE } from "../../../redis/resp_frame.ts";
import type { ClientState, ReplyNote } from "../replies/client_state.ts";

/** See the module's drawing. */
export type TrackerMode = "synced" | "piping" | "opaque";

/** Whether a whole frame is the one looked for. */
export type FrameTest = (frame: Uint8Array, type: number) => boolean;

/** What is to be done with a chunk. */
export interface TrackedChunk {
  /** What goes to the client, in order. */
  readonly parts: readonly Uint8Array[];
  /** Whether the client's stream stands between two frames after the last part. */
  readonly endsAtBoundary: boolean;
}

interface Capture {
  readonly test: FrameTest;
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: PinionError) => void;
}

/** Longest frame that is held back to be looked at. */
const MAX_HELD_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);
/** Answer of `#scan` where the rest of a chunk is not RESP. */
const UNREADABLE = -2;

/** The tracker of one client. */
export class ReplyTracker {
  readonly #state: ClientState;
  readonly #scanner = new FrameScanner();
  #mode: TrackerMode = "synced";
  #sent = 0;
  #replied = 0;
  /** Notes on replies to come, in order. */
  readonly #notes: { readonly at: number; readonly note: ReplyNote }[] = [];
  #capture: Capture | undefined;
  /** RESET was sent while frames are not counted. */
  #isResetAwaited = false;
  /** What becomes of the frame that began in an earlier chunk. */
  #begun: "none" | "passed" | "dropped" | "held" = "none";
  /** What there is of the begun frame, if it is held. */
  #held: Uint8Array = NO_BYTES;

  /** Notes what replies tell in `state`. */
  constructor(state: ClientState) {
    this.#state = state;
  }

  /** See the module's drawing. */
  get mode(): TrackerMode {
    return this.#mode;
  }

  /** Commands that Redis has still to answer; 0 where they are not counted. */
  get outstanding(): number {
    return this.#mode === "synced" ? this.#sent - this.#replied : Number(this.#isResetAwaited);
  }

  /** Outstanding replies that there is something to learn from. */
  get noted(): number {
    return this.#notes.length;
  }

  /** So many commands are sent now. */
  expect(commands: number): void {
    this.#sent += commands;
  }

  /**
   * The next command to be sent has a reply to learn from.
   *
   * @param index Or one after that. Notes are made in the order of the commands.
   */
  noteNext(note: ReplyNote, index = 0): void {
    if (this.#mode === "synced") this.#notes.push({ at: this.#sent + index, note });
  }

  /** From here on frames are not counted. */
  beginPiping(): void {
    if (this.#mode === "synced") this.#setMode("piping");
  }

  /**
   * RESET goes to a subscriber now: the only reply of its own, an error apart, that is no message.
   * It is outstanding until then.
   */
  awaitReset(): void {
    this.#isResetAwaited = this.#mode === "piping";
  }

  /** Every frame is a reply again, and none is outstanding. */
  resync(): void {
    if (this.#mode === "piping") this.#setMode("synced");
  }

  /** From here on nothing is looked at. */
  becomeOpaque(): void {
    this.#setMode("opaque");
    this.fail(new PinionError("UNSUPPORTED", "Cannot follow the replies of Redis any more"));
  }

  /**
   * Takes the first frame out of the stream that passes the test; pushes are no candidates. One at a
   * time.
   */
  capture(test: FrameTest): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#capture = { test, resolve, reject });
  }

  /** What was to be captured will not come. */
  fail(error: PinionError): void {
    this.#capture?.reject(error);
    this.#capture = undefined;
  }

  /**
   * Takes what Redis sent.
   *
   * @param chunk Parts of it are handed out, so it must stay as it is until they are written.
   */
  take(chunk: Uint8Array): TrackedChunk {
    if (this.#mode === "opaque") return { parts: [chunk], endsAtBoundary: false };
    const isLooking = this.#capture !== undefined || this.#state.isReplyOff ||
      this.#begun === "dropped" || this.#begun === "held" ||
      this.#notes.some((entry) => entry.note === "drop");
    return isLooking ? this.#sift(chunk) : this.#count(chunk);
  }

  /** The common way: all of it is passed on. */
  #count(chunk: Uint8Array): TrackedChunk {
    for (let at = 0; (at = this.#scan(chunk, at)) >= 0;) {
      this.#countFrame(this.#scanner.lastType);
      if (this.mode === "opaque") break;
    }
    const endsAtBoundary = this.mode !== "opaque" && this.#scanner.atBoundary;
    this.#begun = endsAtBoundary ? "none" : "passed";
    return { parts: [chunk], endsAtBoundary };
  }

  /** Frame by frame: each is passed on, dropped or captured. */
  #sift(chunk: Uint8Array): TrackedChunk {
    const parts: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      const end = this.#scan(chunk, at);
      if (end === UNREADABLE) break;
      if (end < 0) {
        this.#siftRest(chunk.subarray(at), parts);
        break;
      }
      this.#siftFrame(chunk.subarray(at, end), parts);
      at = end;
      if (this.mode === "opaque") break;
    }
    if (this.mode === "opaque") parts.push(this.#held, chunk.subarray(at));
    const endsAtBoundary = this.mode !== "opaque" && this.#begun !== "passed";
    return { parts, endsAtBoundary };
  }

  /** A frame that ends here. */
  #siftFrame(end: Uint8Array, parts: Uint8Array[]): void {
    const begun = this.#begun;
    const frame = begun === "held" ? concatBytes([this.#held, end]) : end;
    const type = this.#scanner.lastType;
    this.#begun = "none";
    this.#held = NO_BYTES;
    if (begun !== "passed" && begun !== "dropped" && this.#captureFrame(frame, type)) return;
    const isDropped = begun === "dropped" || (begun !== "passed" && this.#isToDrop(type));
    if (!isDropped) parts.push(frame);
    this.#countFrame(type);
  }

  /** A frame, or more of one, that goes on in the next chunk. */
  #siftRest(rest: Uint8Array, parts: Uint8Array[]): void {
    if (this.#begun === "none") {
      this.#begun = this.#capture !== undefined && rest[0] !== TYPE.push
        ? "held"
        : this.#isToDrop(rest[0])
        ? "dropped"
        : "passed";
    }
    if (this.#begun === "held" && this.#held.length + rest.length > MAX_HELD_BYTES) {
      parts.push(this.#held);
      this.#held = NO_BYTES;
      this.#begun = "passed";
    }
    if (this.#begun === "held") this.#held = concatBytes([this.#held, rest]);
    else if (this.#begun === "passed") parts.push(rest);
  }

  #captureFrame(frame: Uint8Array, type: number): boolean {
    const capture = this.#capture;
    if (capture === undefined || type === TYPE.push || !capture.test(frame, type)) return false;
    this.#capture = undefined;
    capture.resolve(frame.slice());
    return true;
  }

  #isToDrop(type: number): boolean {
    if (this.#mode !== "synced" || type === TYPE.push) return false;
    const notes = this.#notes.filter(({ at }) => at === this.#replied).map(({ note }) => note);
    // RESET ends CLIENT REPLY OFF before it answers.
    return notes.includes("drop") || (this.#state.isReplyOff && !notes.includes("reset"));
  }

  #countFrame(type: number): void {
    if (this.#isResetAwaited && (type === TYPE.simple || type === TYPE.error)) {
      this.#isResetAwaited = false;
      this.#state.learn("reset", type);
      if (type === TYPE.simple) this.resync();
      return;
    }
    if (this.#mode !== "synced" || type === TYPE.push) return;
    const replied = this.#replied++;
    while (this.#notes[0]?.at === replied) {
      const change = this.#state.learn(this.#notes.shift()!.note, type);
      if (change === "piping") this.beginPiping();
      else if (change === "opaque") this.becomeOpaque();
    }
  }

  /** End of the next frame, -1 where the chunk ends before it does, or {@linkcode UNREADABLE}. */
  #scan(chunk: Uint8Array, at: number): number {
    try {
      return this.#scanner.scan(chunk, at);
    } catch {
      // Not RESP as the scanner knows it, but perhaps as the client does: it is theirs to judge.
      this.becomeOpaque();
      return UNREADABLE;
    }
  }

  #setMode(mode: TrackerMode): void {
    this.#mode = mode;
    this.#sent = this.#replied = 0;
    this.#notes.length = 0;
    this.#isResetAwaited = false;
  }
}
