/**
 * Numbers what must arrive, keeps it until the peer has acknowledged it, and sends it again over
 * the next link.
 *
 * ```text
 *  push ──► waiting ──┐
 *                     ├──► numbered, kept ──► link        acknowledge(n) drops up to n
 *  channels' data ────┘          ▲
 *                                └── resume(n): what came after n goes out first
 * ```
 *
 * Data is taken from its channel only when the link can take it, so what waits here is bounded by
 * `unacknowledgedBytes` and the messages that control the exchange.
 *
 * @module
 */

import {
  encodeHeader,
  FLAG_MORE,
  FRAME_HEADER_BYTES,
  type FrameHead,
  MAX_FRAME_BYTES,
} from "../link/mesh_frames.ts";
import type { PeerLink } from "../link/peer_link.ts";
import { Deque } from "./deque.ts";
import type { Traffic } from "./traffic.ts";

/** Bytes that are written to a link as one piece, about. */
const WRITE_BYTES = 128 * 1024;

/** A frame without its number. */
export interface Parcel {
  readonly head: FrameHead;
  readonly payload: Uint8Array;
}

interface KeptFrame {
  readonly number: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** Numbers outgoing frames and keeps them until the peer has acknowledged them. */
export class Outbox {
  readonly #maxBytes: number;
  readonly #traffic: Traffic;
  readonly #waiting = new Deque<Parcel>();
  readonly #kept = new Deque<KeptFrame>();
  #resend: KeptFrame[] = [];
  #lastNumber = 0;
  /** Payload bytes that wait for a number. */
  waitingBytes = 0;
  /** Bytes that the peer has not acknowledged. */
  keptBytes = 0;

  /**
   * @param maxBytes What may be unacknowledged before nothing more is sent.
   * @param traffic Where it counts.
   */
  constructor(maxBytes: number, traffic: Traffic) {
    this.#maxBytes = maxBytes;
    this.#traffic = traffic;
  }

  /** Frames that the peer has not acknowledged. */
  get keptFrames(): number {
    return this.#kept.length;
  }

  /** Queues a message, in as many frames as it needs. It goes out before any data. */
  push(head: FrameHead, payload: Uint8Array): void {
    let at = 0;
    for (; payload.byteLength - at > MAX_FRAME_BYTES; at += MAX_FRAME_BYTES) {
      const flags = (head.flags ?? 0) | FLAG_MORE;
      this.#waiting.push({
        head: { ...head, flags },
        payload: payload.subarray(at, at + MAX_FRAME_BYTES),
      });
    }
    this.#waiting.push({ head, payload: at === 0 ? payload : payload.subarray(at) });
    this.waitingBytes += payload.byteLength;
  }

  /**
   * Writes to the link as long as it can take more.
   *
   * @param takeData Gives the next frame of a channel, if there is one.
   */
  writeTo(link: PeerLink, takeData: () => Parcel | null): void {
    while (link.isWritable) {
      const parts: Uint8Array[] = [];
      let byteLength = 0;
      while (byteLength < WRITE_BYTES) {
        const frame = this.#next(takeData);
        if (frame === null) break;
        parts.push(frame.header, frame.payload);
        byteLength += FRAME_HEADER_BYTES + frame.payload.byteLength;
      }
      if (parts.length === 0) return;
      link.write(parts);
      this.#traffic.sentBytes += byteLength;
      this.#traffic.sentFrames += parts.length / 2;
    }
  }

  /**
   * Drops what has arrived.
   *
   * @throws RangeError for a frame that was never sent
   */
  acknowledge(number: number): void {
    if (number > this.#lastNumber) {
      throw new RangeError(`It acknowledges frame ${number} of ${this.#lastNumber}`);
    }
    while (this.#kept.first !== undefined && this.#kept.first.number <= number) {
      this.keptBytes -= FRAME_HEADER_BYTES + this.#kept.shift()!.payload.byteLength;
    }
  }

  /**
   * Begins anew on another link after the frame that arrived last.
   *
   * @throws RangeError for a frame that was never sent
   */
  resume(number: number): void {
    this.acknowledge(number);
    this.#resend = [...this.#kept].reverse();
    this.#traffic.resentFrames += this.#resend.length;
  }

  /** Forgets everything. */
  clear(): void {
    this.#waiting.clear();
    this.#kept.clear();
    this.#resend = [];
    this.waitingBytes = this.keptBytes = 0;
  }

  #next(takeData: () => Parcel | null): KeptFrame | null {
    const again = this.#resend.pop();
    if (again !== undefined) return again;
    if (this.keptBytes >= this.#maxBytes) return null;
    const waiting = this.#waiting.shift();
    const parcel = waiting ?? takeData();
    if (parcel === null) return null;
    const { head, payload } = parcel;
    if (waiting !== undefined) this.waitingBytes -= payload.byteLength;
    const number = ++this.#lastNumber;
    const header = encodeHeader({ ...head, number }, payload.byteLength);
    const frame: KeptFrame = { number, header, payload };
    this.#kept.push(frame);
    this.keptBytes += FRAME_HEADER_BYTES + payload.byteLength;
    return frame;
  }
}
