/**
 * The order of batches in a step whose batches change one value: each begins when those before it
 * are done.
 *
 * @module
 */

import { type Batch, EMPTY_BATCH } from "../base/batch.ts";

/** Takes batches one after the other; at once while none has waited. */
export class BatchTurns {
  readonly #take: (batch: Batch) => void | Promise<void>;
  #tail: Promise<unknown> | null = null;

  /** @param take Gives a promise where a callback waits. */
  constructor(take: (batch: Batch) => void | Promise<void>) {
    this.#take = take;
  }

  /** Takes a batch. Nothing comes out of it. */
  run(batch: Batch): Batch | Promise<Batch> {
    if (this.#tail === null) {
      const pending = this.#take(batch);
      if (pending === undefined) return EMPTY_BATCH;
      this.#tail = pending;
    } else this.#tail = this.#tail.then(() => this.#take(batch));
    return this.#tail.then(() => EMPTY_BATCH);
  }

  /** Resolves when all batches are done. */
  async settle(): Promise<void> {
    await this.#tail;
  }
}
