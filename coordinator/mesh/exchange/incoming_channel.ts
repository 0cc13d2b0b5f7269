/**
 * The receiver's end of a channel. It holds what has come and was not asked for yet, never more than
 * the window and one message, and gives credit for what its reader has dealt with.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { FLAG_MORE, type Frame, FRAME_HEADER_BYTES } from "../link/mesh_frames.ts";
import { joinBytes } from "../link/join.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import type { IncomingChannel } from "../mesh.ts";
import { Deque } from "./deque.ts";

/** Credit is given in parts of the window: a fourth keeps the sender busy and costs few frames. */
const CREDIT_PARTS = 4;

/** What a channel tells the peer, through its session. */
export interface Replies {
  credit(bytes: number): void;
  finish(): void;
  stop(error: PinionError): void;
}

/** A message with what it holds of the window. */
interface Message {
  readonly bytes: Uint8Array;
  readonly cost: number;
}

/** See the module. */
export class ReceivingChannel implements IncomingChannel {
  readonly #limits: MeshLimits;
  readonly #replies: Replies;
  readonly #messages = new Deque<Message>();
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  /** Bytes that the sender may send on. */
  #allowance: number;
  /** Bytes dealt with for which no credit was given yet. */
  #settled = 0;
  /** What the message holds that the reader has now. */
  #costInHand = 0;
  #hasEnded = false;
  #isOver = false;
  #error: PinionError | null = null;
  #waiting: PromiseWithResolvers<void> | null = null;

  constructor(limits: MeshLimits, replies: Replies) {
    this.#limits = limits;
    this.#replies = replies;
    this.#allowance = limits.windowBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        this.#settle(this.#costInHand);
        this.#costInHand = 0;
        if (this.#error !== null) throw this.#error;
        const message = this.#messages.shift();
        if (message !== undefined) {
          this.#costInHand = message.cost;
          yield message.bytes;
        } else if (this.#hasEnded) {
          break;
        } else {
          this.#waiting = Promise.withResolvers();
          await this.#waiting.promise;
        }
      }
      if (!this.#isOver) this.#replies.finish();
      this.#isOver = true;
    } finally {
      this.stop(
        new PinionError("MESH_REFUSED", "The receiver stopped reading before the channel's end"),
      );
    }
  }

  stop(error: PinionError): void {
    if (this.#isOver) return;
    this.#replies.stop(error);
    this.fail(error);
  }

  /**
   * Takes a frame of data.
   *
   * @throws RangeError where the sender has no credit for it
   */
  receive({ flags, payload }: Frame): void {
    if (this.#isOver) return;
    if (this.#hasEnded) throw new RangeError("Data came on a channel after its end");
    if (this.#allowance <= 0) throw new RangeError("Data came on a channel without credit");
    const cost = FRAME_HEADER_BYTES + payload.byteLength;
    this.#allowance -= cost;
    this.#partBytes += payload.byteLength;
    if (this.#partBytes > this.#limits.messageBytes) {
      const limit = `at most ${this.#limits.messageBytes} bytes are taken`;
      return this.stop(new PinionError("TOO_LARGE", `Cannot take a message so large: ${limit}`));
    }
    this.#parts.push(payload);
    // Nobody can read a part: the sender has to be able to send the rest.
    if ((flags & FLAG_MORE) !== 0) return this.#settle(cost);
    this.#messages.push({ bytes: joinBytes(this.#parts), cost });
    this.#parts = [];
    this.#partBytes = 0;
    this.#wake();
  }

  /** The sender has sent everything. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** It is over; what was not read is dropped. */
  fail(error: PinionError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#messages.clear();
    this.#parts = [];
    this.#wake();
  }

  #settle(bytes: number): void {
    this.#settled += bytes;
    if (this.#isOver || this.#hasEnded) return;
    if (this.#settled < this.#limits.windowBytes / CREDIT_PARTS) return;
    this.#allowance += this.#settled;
    this.#replies.credit(this.#settled);
    this.#settled = 0;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
