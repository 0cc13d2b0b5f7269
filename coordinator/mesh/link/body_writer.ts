/**
 * The writing half of a link as the body of a request or response.
 *
 * @module
 */

/** Bytes that wait in the stream before it says that it is not writable. */
const HIGH_WATER_BYTES = 512 * 1024;

/** Writes a link's bytes as a request or response body. */
export class BodyWriter {
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;
  onWritable: () => void = () => {};

  /** @param onCancel Called when the other side takes no more. */
  constructor(onCancel: () => void) {
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.onWritable(),
      cancel: () => {
        this.#isOver = true;
        onCancel();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }));
  }

  get isWritable(): boolean {
    return !this.#isOver && (this.#controller.desiredSize ?? 0) > 0;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isOver) this.#controller.enqueue(bytes);
  }

  /** Sends what was written, then the end of the body. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.close();
  }
}
