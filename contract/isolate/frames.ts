/**
 * Framing on the unix socket between the runtime and an isolate's host thread.
 *
 * ```text
 * ┌────────────┬─────────┬───────────────────┐
 * │ length u32 │ channel │ payload           │   length counts channel and payload,
 * │ big endian │ u8      │ length - 1 bytes  │   little more than a page of records at most
 * └────────────┴─────────┴───────────────────┘
 * ```
 *
 * Pure: the runtime and the child import it.
 *
 * @module
 */

/** Between the runtime and the host thread. */
export const CHANNEL_HOST = 0;
/** Between the runtime and the sandbox; the host thread passes the payload on unread. */
export const CHANNEL_SANDBOX = 1;

/** Bytes before a payload. */
export const FRAME_HEADER_BYTES = 5;
/** Greatest payload that either side accepts, in bytes. */
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** The header of a frame with a payload of `byteLength` bytes. */
export function frameHeader(channel: number, byteLength: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, byteLength + 1);
  header[4] = channel;
  return header;
}

/** Cuts a byte stream into frames. Payloads are copies that their receiver may keep or transfer. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #byteLength = 0;

  /**
   * Takes the next chunk and calls back for each frame that it completes, in order.
   *
   * @throws RangeError where a frame is longer than `MAX_PAYLOAD_BYTES`; the stream is lost then
   */
  push(
    chunk: Uint8Array,
    onFrame: (channel: number, payload: Uint8Array<ArrayBuffer>) => void,
  ): void {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.byteLength;
    while (this.#byteLength >= FRAME_HEADER_BYTES) {
      const head = this.#peek(FRAME_HEADER_BYTES);
      const length = ((head[0] << 24) | (head[1] << 16) | (head[2] << 8) | head[3]) >>> 0;
      if (length < 1 || length - 1 > MAX_PAYLOAD_BYTES) {
        throw new RangeError(`Frame length ${length} is out of bounds`);
      }
      if (this.#byteLength < 4 + length) return;
      const channel = head[4];
      this.#take(FRAME_HEADER_BYTES);
      onFrame(channel, this.#take(length - 1));
    }
  }

  /** The first `count` bytes, in one piece. */
  #peek(count: number): Uint8Array {
    while (this.#chunks[0].byteLength < count) {
      const [first, second, ...rest] = this.#chunks;
      const joined = new Uint8Array(first.byteLength + second.byteLength);
      joined.set(first);
      joined.set(second, first.byteLength);
      this.#chunks = [joined, ...rest];
    }
    return this.#chunks[0];
  }

  /** Removes and copies the first `count` bytes. */
  #take(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const first = this.#chunks[0];
      const part = Math.min(first.byteLength, count - filled);
      bytes.set(part === first.byteLength ? first : first.subarray(0, part), filled);
      filled += part;
      if (part === first.byteLength) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part);
    }
    this.#byteLength -= count;
    return bytes;
  }
}

/**
 * Writes frames in order; frames that are given while one is being written go out together.
 *
 * `drained` resolves when everything given so far has been written, which is how a writer waits.
 */
export class FrameWriter {
  readonly #write: (bytes: Uint8Array) => Promise<number>;
  readonly #onError: (error: unknown) => void;
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | null = null;
  /** Bytes that wait to be written. */
  queuedBytes = 0;

  constructor(
    write: (bytes: Uint8Array) => Promise<number>,
    onError: (error: unknown) => void,
  ) {
    this.#write = write;
    this.#onError = onError;
  }

  /** Queues one frame. */
  send(channel: number, payload: Uint8Array): void {
    this.#queue.push(frameHeader(channel, payload.byteLength), payload);
    this.queuedBytes += FRAME_HEADER_BYTES + payload.byteLength;
    this.#writing ??= this.#drain().finally(() => this.#writing = null);
  }

  /** Resolves when the queue is empty or the socket is gone. */
  async drained(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #drain(): Promise<void> {
    // Everything that is sent in this turn of the loop goes out in one write.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        const bytes = join(this.#queue);
        this.#queue = [];
        let written = 0;
        while (written < bytes.byteLength) {
          written += await this.#write(written === 0 ? bytes : bytes.subarray(written));
        }
        this.queuedBytes -= bytes.byteLength;
      }
    } catch (error) {
      this.#queue = [];
      this.queuedBytes = 0;
      this.#onError(error);
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  let byteLength = 0;
  for (const part of parts) byteLength += part.byteLength;
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
