/**
 * `accumulatebykey`: all records of a key to one.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { type Batch, isPromise } from "../base/batch.ts";
import { type KeyEntry, KeyTable } from "./key_table.ts";
import { BatchTurns } from "./batch_turns.ts";
import type { StepFactory } from "./step_runner.ts";

/** Stands in the place of an accumulator that is not there: none yet, or discarded. */
const NOTHING: unique symbol = Symbol("nothing");

/**
 * Source: RedisGears 1.2 ACCUMULATE_BY_KEY: a failure discards the accumulator of that key.
 * Keys come out in the order in which they first appeared.
 */
export const accumulateByKey: StepFactory<StepOf<"accumulatebykey">> = (step, context) => {
  const accumulators = new KeyedAccumulators(
    context.callback(step.callback),
    step.zero && context.callback(step.zero),
    (error) => context.fail(error),
  );
  const turns = new BatchTurns((batch) => accumulators.take(batch, 0));
  return {
    run: (batch) => turns.run(batch),
    async flush() {
      await turns.settle();
      return accumulators.takeOut();
    },
  };
};

type Callback = (...args: unknown[]) => unknown;

/** A value for each key, which the records of the key change. */
class KeyedAccumulators {
  readonly #callback: Callback;
  readonly #zero: Callback | undefined;
  readonly #fail: (error: unknown) => void;
  #table = new KeyTable<unknown>(NOTHING);

  constructor(callback: Callback, zero: Callback | undefined, fail: (error: unknown) => void) {
    this.#callback = callback;
    this.#zero = zero;
    this.#fail = fail;
  }

  /** Takes records from `from` on. Gives a promise where a callback waits. */
  take(batch: Batch, from: number): void | Promise<void> {
    const callback = this.#callback;
    const zero = this.#zero;
    const table = this.#table;
    const { records } = batch;
    const keys = batch.keys!;
    for (let index = from; index < records.length; index++) {
      const entry = table.entry(keys[index]);
      try {
        const accumulator = entry.value === NOTHING ? zero?.() : entry.value;
        const next = callback(entry.key, accumulator, records[index]);
        if (isPromise(next)) return this.#continueAfter(next, entry, batch, index + 1);
        entry.value = next;
      } catch (error) {
        this.#fail(error);
        entry.value = NOTHING;
      }
    }
  }

  /** Gives the values with their keys, and begins anew. */
  takeOut(): Batch {
    const entries = this.#table.entries.filter(({ value }) => value !== NOTHING);
    this.#table = new KeyTable(NOTHING);
    return {
      records: entries.map(({ value }) => value),
      keys: entries.map(({ key }) => key),
    };
  }

  async #continueAfter(
    next: PromiseLike<unknown>,
    entry: KeyEntry<unknown>,
    batch: Batch,
    from: number,
  ): Promise<void> {
    try {
      entry.value = await next;
    } catch (error) {
      this.#fail(error);
      entry.value = NOTHING;
    }
    await this.take(batch, from);
  }
}
