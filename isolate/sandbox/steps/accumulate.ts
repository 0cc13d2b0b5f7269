/**
 * `accumulate`: all records to one.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { type Batch, EMPTY_BATCH, isPromise } from "../base/batch.ts";
import { BatchTurns } from "./batch_turns.ts";
import type { StepFactory } from "./step_runner.ts";

/**
 * Source: RedisGears 1.2 ACCUMULATE: one record at a time; a failure discards the accumulator and
 * the next record begins anew; nothing comes out if nothing went in.
 */
export const accumulate: StepFactory<StepOf<"accumulate">> = (step, context) => {
  const accumulator = new Accumulator(
    context.callback(step.callback),
    step.zero && context.callback(step.zero),
    (error) => context.fail(error),
  );
  const turns = new BatchTurns(({ records }) => accumulator.take(records, 0));
  return {
    run: (batch) => turns.run(batch),
    async flush(): Promise<Batch> {
      await turns.settle();
      return accumulator.isStarted ? { records: [accumulator.value], keys: null } : EMPTY_BATCH;
    },
  };
};

type Callback = (...args: unknown[]) => unknown;

/** One value that every record changes. */
class Accumulator {
  value: unknown;
  isStarted = false;
  readonly #callback: Callback;
  readonly #zero: Callback | undefined;
  readonly #fail: (error: unknown) => void;

  constructor(callback: Callback, zero: Callback | undefined, fail: (error: unknown) => void) {
    this.#callback = callback;
    this.#zero = zero;
    this.#fail = fail;
  }

  /** Takes records from `from` on. Gives a promise where a callback waits. */
  take(records: readonly unknown[], from: number): void | Promise<void> {
    const callback = this.#callback;
    for (let index = from; index < records.length; index++) {
      if (!this.isStarted) this.#begin();
      try {
        const next = callback(this.value, records[index]);
        if (isPromise(next)) return this.#continueAfter(next, records, index + 1);
        this.value = next;
      } catch (error) {
        this.#discard(error);
      }
    }
  }

  async #continueAfter(
    next: PromiseLike<unknown>,
    records: readonly unknown[],
    from: number,
  ): Promise<void> {
    try {
      this.value = await next;
    } catch (error) {
      this.#discard(error);
    }
    await this.take(records, from);
  }

  #begin(): void {
    this.isStarted = true;
    this.value = this.#zero?.();
  }

  #discard(error: unknown): void {
    this.#fail(error);
    this.isStarted = false;
  }
}
