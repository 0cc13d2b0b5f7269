/**
 * Waits for the one frame in what Redis sends that answers a question of ours.
 *
 * @module
 */

import type { PinionError } from "../../../errors.ts";
import { TYPE } from "../../../redis/resp_frame.ts";

/** True if a whole frame is the one looked for. */
export type FrameTest = (frame: Uint8Array, type: number) => boolean;

interface Wanted {
  readonly test: FrameTest;
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: PinionError) => void;
}

/** The frame that is looked for, if one is. */
export class FrameCapture {
  #wanted: Wanted | undefined;

  /** Tells whether one is looked for. */
  get isPending(): boolean {
    return this.#wanted !== undefined;
  }

  /** Looks for the first that passes the test; pushes are no candidates. One at a time. */
  begin(test: FrameTest): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#wanted = { test, resolve, reject });
  }

  /** Takes a frame out if it is the one. */
  offer(frame: Uint8Array, type: number): boolean {
    const wanted = this.#wanted;
    if (wanted === undefined || type === TYPE.push || !wanted.test(frame, type)) return false;
    this.#wanted = undefined;
    wanted.resolve(frame.slice());
    return true;
  }

  /** The frame will not come. */
  fail(error: PinionError): void {
    this.#wanted?.reject(error);
    this.#wanted = undefined;
  }
}
