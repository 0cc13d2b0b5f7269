/**
 * `accumulatebykey`: all records of a key to one.
 *
 * @module
 */

import type { AccumulateByKeyStep } from "../../../../sdk/plan/step.ts";
import { type Batch, EMPTY_BATCH, isPromise } from "../batch.ts";
import type { StepFactory } from "./step_runner.ts";

/** A mutable place, so that a record costs one look-up of its key. */
interface Slot {
  value: unknown;
}

/**
 * Source: RedisGears 1.2 ACCUMULATE_BY_KEY: a failure discards the accumulator of that key.
 * Keys come out in the order in which they first appeared.
 */
export const accumulateByKey: StepFactory<AccumulateByKeyStep> = (step, context) => {
  const callback = context.callback(step.callback);
  const zero = step.zero && context.callback(step.zero);
  const slots = new Map<string, Slot>();
  let tail: Promise<unknown> | null = null;

  function accumulateFrom(batch: Batch, from: number): void | Promise<void> {
    const { records } = batch;
    const keys = batch.keys!;
    for (let index = from; index < records.length; index++) {
      const key = keys[index];
      let slot = slots.get(key);
      if (slot === undefined) slots.set(key, slot = { value: zero?.() });
      try {
        const next = callback(key, slot.value, records[index]);
        if (isPromise(next)) return continueAfter(next, key, slot, batch, index + 1);
        slot.value = next;
      } catch (error) {
        context.fail(error);
        slots.delete(key);
      }
    }
  }

  async function continueAfter(
    next: PromiseLike<unknown>,
    key: string,
    slot: Slot,
    batch: Batch,
    from: number,
  ): Promise<void> {
    try {
      slot.value = await next;
    } catch (error) {
      context.fail(error);
      slots.delete(key);
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
      const keys = [...slots.keys()];
      const records = Array.from(slots.values(), (slot) => slot.value);
      slots.clear();
      return { records, keys };
    },
  };
};
