/**
 * Requests that wait for their replies, in order: gives each the frames that answer it.
 *
 * A link owns one per connection. It gets chunks as they arrive and keeps nothing of them but the
 * bytes that it hands out.
 *
 * @module
 */

import { FrameScanner } from "../frame_scanner.ts";
import { TYPE } from "../resp_frame.ts";

/** A request that waits. */
interface Waiting {
  /** Frames still to come. */
  missing: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes in use. */
  length: number;
  /** Number of those that are whole frames of earlier chunks. */
  whole: number;
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

const INITIAL_BYTES = 512;

/**
 * The outstanding requests of one connection. Pushed frames (`>`) belong to none and are dropped.
 */
export class ReplyQueue {
  readonly #scanner = new FrameScanner();
  readonly #waiting: Waiting[] = [];

  /** Requests that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Waits for the next frames that no earlier request waits for. */
  add(frames: number): Promise<Uint8Array<ArrayBuffer>> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    const bytes = new Uint8Array(INITIAL_BYTES);
    this.#waiting.push({ missing: frames, bytes, length: 0, whole: 0, resolve, reject });
    return promise;
  }

  /**
   * Takes a chunk: how many of its bytes the outstanding requests took. The rest is not looked at.
   *
   * @throws {PinionError} `BAD_FRAME`
   */
  push(chunk: Uint8Array): number {
    let start = 0;
    let at = 0;
    for (let waiting = this.#waiting[0]; waiting !== undefined; waiting = this.#waiting[0]) {
      const end = this.#scanner.scan(chunk, at);
      if (end < 0) {
        append(waiting, chunk.subarray(start, at));
        waiting.whole = waiting.length;
        append(waiting, chunk.subarray(at));
        return chunk.length;
      }
      if (this.#scanner.lastType === TYPE.push) {
        if (at === 0) waiting.length = waiting.whole;
        append(waiting, chunk.subarray(start, at));
        start = end;
      } else if (--waiting.missing === 0) {
        append(waiting, chunk.subarray(start, end));
        this.#waiting.shift();
        waiting.resolve(waiting.bytes.subarray(0, waiting.length));
        start = end;
      }
      at = end;
    }
    return at;
  }

  /** Rejects all that wait. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function append(waiting: Waiting, bytes: Uint8Array): void {
  const needed = waiting.length + bytes.length;
  if (needed > waiting.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, waiting.bytes.length * 2));
    grown.set(waiting.bytes.subarray(0, waiting.length));
    waiting.bytes = grown;
  }
  waiting.bytes.set(bytes, waiting.length);
  waiting.length = needed;
}
