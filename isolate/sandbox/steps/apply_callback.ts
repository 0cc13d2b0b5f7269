/**
 * Calls a callback for each record of a batch, whether it answers at once or by a promise.
 *
 * @module
 */

import { isPromise } from "../base/batch.ts";
import { CallbackWindow } from "./callback_window.ts";
import type { StepContext } from "./step_runner.ts";

/** Stands in the place of a record whose callback failed. */
export const FAILED: unique symbol = Symbol("failed");

/** A callback as a step calls it. */
export type RecordCall = (record: unknown, index: number) => unknown;

/** The outcome of `call` for each record, in order; `FAILED` where it threw. */
export type ApplyCallback = (
  records: readonly unknown[],
  call: RecordCall,
) => unknown[] | Promise<unknown[]>;

/**
 * Makes the function by which one step calls its callback.
 *
 * Plain callbacks run in one loop without a promise. From the first promise on, at most
 * `context.window` are outstanding, in all batches of the step together.
 */
export function makeApply(context: StepContext): ApplyCallback {
  const window = new CallbackWindow(context.window);
  return (records, call) => {
    const outcomes: unknown[] = new Array(records.length);
    if (window.isFull) return applyAsync(records, call, { context, window, outcomes, from: 0 });
    for (let index = 0; index < records.length; index++) {
      try {
        const outcome = call(records[index], index);
        if (isPromise(outcome)) {
          const rest = { context, window, outcomes, from: index + 1, first: outcome };
          return applyAsync(records, call, rest);
        }
        outcomes[index] = outcome;
      } catch (error) {
        context.fail(error);
        outcomes[index] = FAILED;
      }
    }
    return outcomes;
  };
}

/** The point at which the loop without promises had to stop. */
interface Rest {
  readonly context: StepContext;
  readonly window: CallbackWindow;
  readonly outcomes: unknown[];
  /** The next record. */
  readonly from: number;
  /** The promise for the record before it, if that is why. */
  readonly first?: PromiseLike<unknown>;
}

async function applyAsync(
  records: readonly unknown[],
  call: RecordCall,
  { context, window, outcomes, from, first }: Rest,
): Promise<unknown[]> {
  let pending: Promise<unknown>[] = [];
  let places: number[] = [];
  const settle = async () => {
    const settled = await settleAll(pending);
    for (let at = 0; at < places.length; at++) {
      const outcome = settled[at];
      if (outcome === REJECTED) {
        outcomes[places[at]] = FAILED;
        context.fail(await pending[at].catch((error) => error));
      } else outcomes[places[at]] = outcome;
    }
    window.leave(pending.length);
    pending = [];
    places = [];
  };
  const add = (index: number, promise: PromiseLike<unknown>) => {
    pending.push(promise instanceof Promise ? promise : Promise.resolve(promise));
    places.push(index);
    window.enter();
  };
  if (first !== undefined) add(from - 1, first);
  for (let index = from; index < records.length; index++) {
    while (window.isFull) await (pending.length > 0 ? settle() : window.waitForRoom());
    try {
      const outcome = call(records[index], index);
      if (isPromise(outcome)) add(index, outcome);
      else outcomes[index] = outcome;
    } catch (error) {
      context.fail(error);
      outcomes[index] = FAILED;
    }
  }
  await settle();
  return outcomes;
}

const REJECTED: unique symbol = Symbol("rejected");

/** `Promise.all` where all goes well, which is several times faster than `allSettled`. */
async function settleAll(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  try {
    return await Promise.all(promises);
  } catch {
    const settled = await Promise.allSettled(promises);
    return settled.map((one) => one.status === "fulfilled" ? one.value : REJECTED);
  }
}
