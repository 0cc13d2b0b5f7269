/**
 * `accumulatebykey`: all records of a key to one.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { type Batch, EMPTY_BATCH, isPromise } from "../base/batch.ts";
import { type KeyEntry, KeyTable } from "./key_table.ts";
import type { StepFactory } from "./step_runner.ts";

/** Stands in the place of an accumulator that is not there: none yet, or discarded. */
const NOTHING: unique symbol = Symbol("nothing");

/**
 * Source: RedisGears 1.2 ACCUMULATE_BY_KEY: a failure discards the accumulator of that key.
 * Keys come out in the order in which they first appeared.
 */
export const accumulateByKey: StepFactory<StepOf<"accumulatebykey">> = (step, context) => {
  const callback = context.callback(step.callback);
  const zero = step.zero && context.callback(step.zero);
  let table = new KeyTable<unknown>(NOTHING);
  let tail: Promise<unknown> | null = null;

  function accumulateFrom(batch: Batch, from: number): void | Promise<void> {
    const { records } = batch;
    const keys = batch.keys!;
    for (let index = from; index < records.length; index++) {
      const entry = table.entry(keys[index]);
      try {
        const accumulator = entry.value === NOTHING ? zero?.() : entry.value;
        const next = callback(entry.key, accumulator, records[index]);
        if (isPromise(next)) return continueAfter(next, entry, batch, index + 1);
        entry.value = next;
      } catch (error) {
        context.fail(error);
        entry.value = NOTHING;
      }
    }
  }

  async function continueAfter(
    next: PromiseLike<unknown>,
    entry: KeyEntry<unknown>,
    batch: Batch,
    from: number,
  ): Promise<void> {
    try {
      entry.value = await next;
    } catch (error) {
      context.fail(error);
      entry.value = NOTHING;
    }
    await accumulateFrom(batch, from);
  }

  return {
    run(batch) {
      if (tail === null) {
        const pending = accumulateFrom(batch, 0);
        if (pending === undefined) return EMPTY_BATCH;
        tail = pending;
      } else tail = tail.then(() => accumulateFrom(batch, 0));
      return tail.then(() => EMPTY_BATCH);
    },
    async flush() {
      await tail;
      const entries = table.entries.filter(({ value }) => value !== NOTHING);
      table = new KeyTable(NOTHING);
      return {
        records: entries.map(({ value }) => value),
        keys: entries.map(({ key }) => key),
      };
    },
  };
};
