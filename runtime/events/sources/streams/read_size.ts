/**
 * How many messages to read at a time: as many as a number of bytes holds, judged by those before.
 *
 * @module
 */

/** Messages that are read at a time, at most; more only where a batch has more. */
const MAX_COUNT = 1_000;
/** Before the size of any is known. */
const FIRST_COUNT = 16;
/** Bytes that are read at a time, about. */
const TARGET_BYTES = 256 * 1024;

/** See the module. */
export class ReadSize {
  readonly #batch: number;
  #meanBytes = TARGET_BYTES / FIRST_COUNT;

  /** @param batch Messages of an execution. */
  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Messages to ask for: whole batches. */
  get count(): number {
    const fitting = Math.min(MAX_COUNT, Math.floor(TARGET_BYTES / this.#meanBytes));
    return Math.max(1, Math.floor(fitting / this.#batch)) * this.#batch;
  }

  /** So many came. */
  learn(count: number, byteLength: number): void {
    if (count > 0) this.#meanBytes = (this.#meanBytes + 3 * byteLength / count) / 4;
  }
}
