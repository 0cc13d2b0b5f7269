/**
 * `accumulate`: all records to one.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { type Batch, EMPTY_BATCH, isPromise } from "../base/batch.ts";
import type { StepFactory } from "./step_runner.ts";

/**
 * Source: RedisGears 1.2 ACCUMULATE: one record at a time; a failure discards the accumulator and
 * the next record begins anew; nothing comes out if nothing went in.
 */
export const accumulate: StepFactory<StepOf<"accumulate">> = (step, context) => {
  const callback = context.callback(step.callback);
  const zero = step.zero && context.callback(step.zero);
  let accumulator: unknown;
  let isStarted = false;
  let tail: Promise<unknown> | null = null;

  const begin = () => {
    isStarted = true;
    accumulator = zero?.();
  };
  const fail = (error: unknown) => {
    context.fail(error);
    isStarted = false;
  };

  function accumulateFrom(records: readonly unknown[], from: number): void | Promise<void> {
    for (let index = from; index < records.length; index++) {
      if (!isStarted) begin();
      try {
        const next = callback(accumulator, records[index]);
        if (isPromise(next)) return continueAfter(next, records, index + 1);
        accumulator = next;
      } catch (error) {
        fail(error);
      }
    }
  }

  async function continueAfter(
    next: PromiseLike<unknown>,
    records: readonly unknown[],
    from: number,
  ): Promise<void> {
    try {
      accumulator = await next;
    } catch (error) {
      fail(error);
    }
    await accumulateFrom(records, from);
  }

  return {
    run(batch) {
      if (tail === null) {
        const pending = accumulateFrom(batch.records, 0);
        if (pending === undefined) return EMPTY_BATCH;
        tail = pending;
      } else tail = tail.then(() => accumulateFrom(batch.records, 0));
      return tail.then(() => EMPTY_BATCH);
    },
    async flush(): Promise<Batch> {
      await tail;
      return isStarted ? { records: [accumulator], keys: null } : EMPTY_BATCH;
    },
  };
};
