/**
 * A duplex stream of bytes to another runtime: what carries an exchange until it breaks.
 *
 * @module
 */

import {
  encodeHeader,
  type Frame,
  FrameDecoder,
  type FrameHead,
  MAX_FRAME_BYTES,
} from "./mesh_frames.ts";

/** A duplex stream of bytes to another runtime. */
export interface PeerLink {
  /**
   * The next bytes that come, which hold until the next call; null when the other side has ended.
   *
   * @throws when it has broken
   */
  read(): Promise<Uint8Array | null>;
  /** True if what is written now goes out soon. */
  readonly isWritable: boolean;
  /** Called when it has become writable again. */
  onWritable: () => void;
  /** Sends parts as one piece. The link may keep the parts until they are sent. */
  write(parts: readonly Uint8Array[]): void;
  /** Nothing more is written: what was goes out, then the other side sees the end. */
  end(): void;
  /** Ends both directions at once; what is under way is dropped. */
  close(): void;
}

/** A link on which the side that dialled and the one that listens exchange frames. */
export class FrameLink {
  readonly link: PeerLink;
  readonly #decoder = new FrameDecoder();
  readonly #frames: Frame[] = [];

  /** @param maxBytes Greatest payload that {@linkcode next} takes. */
  constructor(link: PeerLink, maxBytes: number) {
    this.link = link;
    this.#decoder.maxBytes = maxBytes;
  }

  /** The next frame; null at the end. @throws RangeError, and whatever breaks a link */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0) {
      const chunk = await this.link.read();
      if (chunk === null) return null;
      this.#decoder.push(chunk, (frame) => this.#frames.push(frame));
    }
    return this.#frames.shift()!;
  }

  /**
   * Calls back for each frame, of any size, until the end.
   *
   * @param onChunk Told how many bytes came, before their frames.
   * @throws what `onFrame` throws, RangeError, and whatever breaks a link
   */
  async forEach(
    onFrame: (frame: Frame) => void,
    onChunk: (byteLength: number) => void,
  ): Promise<void> {
    this.#decoder.maxBytes = MAX_FRAME_BYTES;
    for (const frame of this.#frames.splice(0)) onFrame(frame);
    while (true) {
      const chunk = await this.link.read();
      if (chunk === null) return;
      onChunk(chunk.byteLength);
      this.#decoder.push(chunk, onFrame);
    }
  }

  /** Waits until the other side has ended or the link has broken. */
  async drain(): Promise<void> {
    try {
      while (await this.link.read() !== null);
    } catch {
      // Broken is over as well.
    }
  }

  /** Sends one frame. */
  send(head: FrameHead, payload: Uint8Array): void {
    this.link.write([encodeHeader(head, payload.byteLength), payload]);
  }
}
