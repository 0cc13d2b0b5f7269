/**
 * The frame of Redis that a chunk broke: what is done with it, and its bytes where they are held
 * back to be looked at as a whole.
 *
 * ```text
 *          rest of a chunk                        too long
 *   none ───────────────────► passed, dropped, held ──────► passed
 *     ▲                               │
 *     └───────── frame ends ──────────┘
 * ```
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";

/** Treatment of a frame that goes on in the next chunk. */
export type Treatment = "passed" | "dropped" | "held";

/** Longest frame that is held back to be looked at. */
const MAX_HELD_BYTES = 64 * 1024;
const NO_BYTES = new Uint8Array(0);

/** The frame that began in an earlier chunk, if there is one. */
export class BegunFrame {
  #treatment: Treatment | "none" = "none";
  /** Bytes of the frame, if it is held. */
  #held: Uint8Array = NO_BYTES;

  /** Treatment of it; `none` between two frames. */
  get treatment(): Treatment | "none" {
    return this.#treatment;
  }

  /** Begins a frame, all of which so far is dealt with. */
  begin(treatment: Treatment): void {
    this.#treatment = treatment;
  }

  /** Takes more of it. @param parts Takes the bytes for the client. */
  add(rest: Uint8Array, parts: Uint8Array[]): void {
    if (this.#treatment === "held" && this.#held.length + rest.length > MAX_HELD_BYTES) {
      parts.push(this.release());
      this.#treatment = "passed";
    }
    if (this.#treatment === "held") this.#held = concatBytes([this.#held, rest]);
    else if (this.#treatment === "passed") parts.push(rest);
  }

  /** Ends the frame. Gives the last of it: all where it was held. */
  end(end: Uint8Array): Uint8Array {
    const frame = this.#treatment === "held" ? concatBytes([this.#held, end]) : end;
    this.clear();
    return frame;
  }

  /** Gives the held bytes away. */
  release(): Uint8Array {
    const held = this.#held;
    this.#held = NO_BYTES;
    return held;
  }

  /** There is none. */
  clear(): void {
    this.#treatment = "none";
    this.#held = NO_BYTES;
  }
}
