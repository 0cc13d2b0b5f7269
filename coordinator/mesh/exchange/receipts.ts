/**
 * Receipts of one exchange: which frame came last, and whether the peer has to be told.
 *
 * @module
 */

import { type Frame, FRAME_HEADER_BYTES } from "../link/mesh_frames.ts";

/** Bytes and frames that may come before they are acknowledged. */
const ACK_BYTES = 512 * 1024;
const ACK_FRAMES = 256;

/** Counts the frames that came, and when they are to be acknowledged. */
export class Receipts {
  #last = 0;
  #bytes = 0;
  #frames = 0;
  #isDue = false;

  /** Number of the frame that came last. */
  get last(): number {
    return this.#last;
  }

  /** Tells whether the peer is to be told now. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /**
   * Takes the next frame.
   *
   * @returns false for one that came before
   * @throws RangeError where one is missing before it
   */
  take({ number, payload }: Frame): boolean {
    if (number <= this.#last) return false;
    if (number !== this.#last + 1) {
      throw new RangeError(`Frame ${number} came after ${this.#last}`);
    }
    this.#last = number;
    this.#frames++;
    this.#bytes += FRAME_HEADER_BYTES + payload.byteLength;
    return true;
  }

  /** Makes it due once enough has come. Tells whether that is so. */
  weigh(): boolean {
    if (this.#frames < ACK_FRAMES && this.#bytes < ACK_BYTES) return false;
    return this.#isDue = true;
  }

  /** Makes it due, whatever has come. */
  demand(): void {
    this.#isDue = true;
  }

  /** The peer is being told. Gives the number to tell. */
  acknowledge(): number {
    this.#isDue = false;
    this.#bytes = this.#frames = 0;
    return this.#last;
  }
}
