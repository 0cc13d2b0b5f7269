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
import { FrameScanner } from "../../../redis/frame_scanner.ts";
import { TYPE } from "../../../redis/resp_frame.ts";
import type { ClientState, ReplyNote } from "../replies/client_state.ts";
import { BegunFrame, type Treatment } from "./begun_frame.ts";
import { FrameCapture, type FrameTest } from "./frame_capture.ts";
import { ReplyLedger } from "./reply_ledger.ts";

/** Modes of a tracker: the drawing above tells them apart. */
export type TrackerMode = "synced" | "piping" | "opaque";

/** Result of a chunk. */
export interface TrackedChunk {
  /** Bytes for the client, in order. */
  readonly parts: readonly Uint8Array[];
  /** True if the client's stream stands between two frames after the last part. */
  readonly endsAtBoundary: boolean;
}

/** Answer of `#scan` where the rest of a chunk is not RESP. */
const UNREADABLE = -2;

/** The tracker of one client. */
export class ReplyTracker {
  readonly #state: ClientState;
  readonly #scanner = new FrameScanner();
  readonly #ledger = new ReplyLedger();
  readonly #capture = new FrameCapture();
  readonly #begun = new BegunFrame();
  #mode: TrackerMode = "synced";
  /** RESET was sent while frames are not counted. */
  #isResetAwaited = false;

  /** Notes what replies tell in `state`. */
  constructor(state: ClientState) {
    this.#state = state;
  }

  /** The mode that the tracker is in now. */
  get mode(): TrackerMode {
    return this.#mode;
  }

  /** Commands that Redis has still to answer; 0 where they are not counted. */
  get outstanding(): number {
    return this.#mode === "synced" ? this.#ledger.outstanding : Number(this.#isResetAwaited);
  }

  /** Outstanding replies that there is something to learn from. */
  get noted(): number {
    return this.#ledger.noted;
  }

  /** So many commands are sent now. */
  expect(commands: number): void {
    this.#ledger.expect(commands);
  }

  /**
   * The next command to be sent has a reply to learn from.
   *
   * @param index Or one after that. Notes are made in the order of the commands.
   */
  noteNext(note: ReplyNote, index = 0): void {
    if (this.#mode === "synced") this.#ledger.note(note, index);
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
   * Takes the first frame out of the stream that passes the test; pushes are no candidates. One at
   * a time.
   */
  capture(test: FrameTest): Promise<Uint8Array> {
    return this.#capture.begin(test);
  }

  /** Gives up a capture: its frame will not come. */
  fail(error: PinionError): void {
    this.#capture.fail(error);
  }

  /**
   * Takes what Redis sent.
   *
   * @param chunk Parts of it are handed out, so it must stay as it is until they are written.
   */
  take(chunk: Uint8Array): TrackedChunk {
    if (this.#mode === "opaque") return { parts: [chunk], endsAtBoundary: false };
    const { treatment } = this.#begun;
    const isLooking = this.#capture.isPending || this.#state.isReplyOff ||
      treatment === "dropped" || treatment === "held" || this.#ledger.hasDrops;
    return isLooking ? this.#sift(chunk) : this.#count(chunk);
  }

  /** The common way: all of it is passed on. */
  #count(chunk: Uint8Array): TrackedChunk {
    for (let at = 0; (at = this.#scan(chunk, at)) >= 0;) {
      this.#countFrame(this.#scanner.lastType);
      if (this.mode === "opaque") break;
    }
    const endsAtBoundary = this.mode !== "opaque" && this.#scanner.atBoundary;
    if (endsAtBoundary) this.#begun.clear();
    else this.#begun.begin("passed");
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
    if (this.mode === "opaque") parts.push(this.#begun.release(), chunk.subarray(at));
    const endsAtBoundary = this.mode !== "opaque" && this.#begun.treatment !== "passed";
    return { parts, endsAtBoundary };
  }

  /** A frame that ends here. */
  #siftFrame(end: Uint8Array, parts: Uint8Array[]): void {
    const begun = this.#begun.treatment;
    const frame = this.#begun.end(end);
    const type = this.#scanner.lastType;
    if (begun !== "passed" && begun !== "dropped" && this.#capture.offer(frame, type)) return;
    const isDropped = begun === "dropped" || (begun !== "passed" && this.#isToDrop(type));
    if (!isDropped) parts.push(frame);
    this.#countFrame(type);
  }

  /** A frame, or more of one, that goes on in the next chunk. */
  #siftRest(rest: Uint8Array, parts: Uint8Array[]): void {
    if (this.#begun.treatment === "none") this.#begun.begin(this.#judge(rest[0]));
    this.#begun.add(rest, parts);
  }

  /** Decides what is done with a frame of this type of which the end is not there. */
  #judge(type: number): Treatment {
    if (this.#capture.isPending && type !== TYPE.push) return "held";
    return this.#isToDrop(type) ? "dropped" : "passed";
  }

  #isToDrop(type: number): boolean {
    if (this.#mode !== "synced" || type === TYPE.push) return false;
    const notes = this.#ledger.peek();
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
    const reply = this.#ledger.count();
    for (let note; (note = this.#ledger.takeNote(reply)) !== undefined;) {
      const change = this.#state.learn(note, type);
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
    this.#ledger.clear();
    this.#isResetAwaited = false;
  }
}
