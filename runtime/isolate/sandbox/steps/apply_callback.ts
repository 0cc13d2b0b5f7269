/**
 * Calls a callback for each record of a batch, whether it answers at once or by a promise.
 *
 * @module
 */

import { isPromise } from "../batch.ts";
import type { StepContext } from "./step_runner.ts";

/** Stands in the place of a record whose callback failed. */
export const FAILED: unique symbol = Symbol("failed");

/**
 * The outcome of `call` for each record, in order; `FAILED` where it threw.
 *
 * Plain callbacks run in one loop without a promise. From the first promise on, at most `window`
 * are outstanding.
 */
export function applyCallback(
  records: readonly unknown[],
  call: (record: unknown, index: number) => unknown,
  context: StepContext,
): unknown[] | Promise<unknown[]> {
  const outcomes: unknown[] = new Array(records.length);
  for (let index = 0; index < records.length; index++) {
    try {
      const outcome = call(records[index], index);
      if (isPromise(outcome)) return applyAsync(records, call, context, outcomes, index, outcome);
      outcomes[index] = outcome;
    } catch (error) {
      context.fail(error);
      outcomes[index] = FAILED;
    }
  }
  return outcomes;
}

async function applyAsync(
  records: readonly unknown[],
  call: (record: unknown, index: number) => unknown,
  context: StepContext,
  outcomes: unknown[],
  firstIndex: number,
  firstOutcome: PromiseLike<unknown>,
): Promise<unknown[]> {
  let pending: Promise<unknown>[] = [];
  let places: number[] = [];
  const settle = async () => {
    const settled = await allSettled(pending);
    for (let at = 0; at < places.length; at++) {
      const outcome = settled[at];
      if (outcome === REJECTED) {
        outcomes[places[at]] = FAILED;
        context.fail(await pending[at].catch((error) => error));
      } else outcomes[places[at]] = outcome;
    }
    pending = [];
    places = [];
  };
  const add = (index: number, promise: PromiseLike<unknown>) => {
    pending.push(promise instanceof Promise ? promise : Promise.resolve(promise));
    places.push(index);
  };
  add(firstIndex, firstOutcome);
  for (let index = firstIndex + 1; index < records.length; index++) {
    if (pending.length >= context.window) await settle();
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
async function allSettled(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  try {
    return await Promise.all(promises);
  } catch {
    const settled = await Promise.allSettled(promises);
    return settled.map((one) => one.status === "fulfilled" ? one.value : REJECTED);
  }
}
