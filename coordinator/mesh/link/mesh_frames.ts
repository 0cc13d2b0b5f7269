/**
 * The frames that travel between two runtimes, and the reader that cuts them out of a byte stream.
 *
 * ```text
 * ┌────────────┬─────────┬──────────┬────────────┬────────┬──────────────┐
 * │ length u32 │ type u8 │ flags u8 │ number u48 │ id u32 │ payload      │   big endian
 * └────────────┴─────────┴──────────┴────────────┴────────┴──────────────┘   length bytes
 * ```
 *
 * `number` counts the frames of an exchange that must arrive, from 1, each direction on its own; it
 * is 0 for those of the greeting, and in `ack` the number that came last. `id` is that of a request
 * or channel, which the side that began it gave.
 *
 * @module
 */

/** Types of frames: of the greeting, about the link, numbered ones. */
export const FRAME = {
  hello: 1,
  proof: 2,
  welcome: 3,
  refuse: 4,

  /** All frames up to `number` have come. Also the heartbeat. */
  ack: 8,
  /** This runtime stops. */
  goodbye: 9,

  /** Payload: kind and body. */
  request: 16,
  /** Payload: the body, or with the flag `error` the error. */
  reply: 17,
  /** Nobody waits for the reply any more. */
  cancel: 18,

  /** Payload: kind and header. */
  open: 24,
  /** From the sender: a message. */
  data: 25,
  /** From the sender: nothing more comes. */
  end: 26,
  /** From the sender: what ended the channel. */
  abort: 27,
  /** From the receiver: the payload is a u32, by how many bytes the sender may go on. */
  credit: 28,
  /** From the receiver: it has read everything. */
  finish: 29,
  /** From the receiver: why it reads no more. */
  stop: 30,
} as const;

/** Number of a type of frame. */
export type FrameType = typeof FRAME[keyof typeof FRAME];

/** The message goes on in the next frame of this type and id. */
export const FLAG_MORE = 1;
/** The reply is an error. */
export const FLAG_ERROR = 2;

/** Bytes before a payload. */
export const FRAME_HEADER_BYTES = 16;
/** Greatest payload; longer messages travel in several frames. */
export const MAX_FRAME_BYTES = 128 * 1024;

const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME));
const FLAGS = FLAG_MORE | FLAG_ERROR;

/** One frame. */
export interface Frame {
  readonly type: FrameType;
  readonly flags: number;
  readonly number: number;
  readonly id: number;
  /** A buffer of its own. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A frame without its payload. */
export interface FrameHead {
  readonly type: FrameType;
  readonly flags?: number;
  readonly number?: number;
  readonly id?: number;
}

/** The header of a frame whose payload has `byteLength` bytes. */
export function encodeHeader(head: FrameHead, byteLength: number): Uint8Array<ArrayBuffer> {
  const { type, flags = 0, number = 0, id = 0 } = head;
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, byteLength);
  header[4] = type;
  header[5] = flags;
  view.setUint16(6, Math.floor(number / 2 ** 32));
  view.setUint32(8, number % 2 ** 32);
  view.setUint32(12, id);
  return header;
}

/** Cuts a byte stream into frames. It holds at most one incomplete frame. */
export class FrameDecoder {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  readonly #view = new DataView(this.#header.buffer);
  #headerLength = 0;
  #payload: Uint8Array<ArrayBuffer> | null = null;
  #payloadLength = 0;
  /** Greatest payload that is taken, in bytes: less before the other side is known. */
  maxBytes = MAX_FRAME_BYTES;

  /**
   * Takes the next chunk and calls back for each frame that it completes, in order.
   *
   * @throws RangeError for a type, a flag or a length that no frame has: the stream is lost then
   */
  push(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#payload === null) {
        const count = Math.min(FRAME_HEADER_BYTES - this.#headerLength, chunk.byteLength - at);
        this.#header.set(chunk.subarray(at, at + count), this.#headerLength);
        at += count;
        this.#headerLength += count;
        if (this.#headerLength < FRAME_HEADER_BYTES) return;
        this.#payload = new Uint8Array(this.#checkHeader());
        this.#payloadLength = 0;
      } else {
        const count = Math.min(
          this.#payload.byteLength - this.#payloadLength,
          chunk.byteLength - at,
        );
        this.#payload.set(
          at === 0 && count === chunk.byteLength ? chunk : chunk.subarray(at, at + count),
          this.#payloadLength,
        );
        at += count;
        this.#payloadLength += count;
      }
      if (this.#isComplete()) onFrame(this.#take());
    }
  }

  #isComplete(): boolean {
    return this.#payload !== null && this.#payloadLength === this.#payload.byteLength;
  }

  /** Length of the payload that the header announces. */
  #checkHeader(): number {
    const length = this.#view.getUint32(0);
    const [type, flags] = this.#header.subarray(4, 6);
    if (!TYPES.has(type)) throw new RangeError(`Frame type ${type} is unknown`);
    if ((flags & ~FLAGS) !== 0) throw new RangeError(`Frame flags ${flags} are unknown`);
    if (length > this.maxBytes) {
      throw new RangeError(`Frame of ${length} bytes: at most ${this.maxBytes} are taken`);
    }
    return length;
  }

  #take(): Frame {
    const frame: Frame = {
      type: this.#header[4] as FrameType,
      flags: this.#header[5],
      number: this.#view.getUint16(6) * 2 ** 32 + this.#view.getUint32(8),
      id: this.#view.getUint32(12),
      payload: this.#payload!,
    };
    this.#headerLength = 0;
    this.#payload = null;
    return frame;
  }
}
