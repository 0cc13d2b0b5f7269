/**
 * `sort`: all records of the cluster in order, on the initiator.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { type AuthorCallback, describe, type Operation, requireFunction } from "./operation.ts";

/** How to sort. */
export interface SortOptions {
  /** From the greatest to the smallest. Default false. */
  readonly reverse?: boolean;
}

/**
 * Each shard sorts its own records; the initiator merges the sorted runs.
 *
 * Source: RedisGears 1.2 `sort` (reference 3).
 * Differs: `reverse` means what it says; in RedisGears `reverse=True` ascends.
 */
export function sort(order?: AuthorCallback | SortOptions): Operation {
  const descending = typeof order === "object" ? readReverse(order) : false;
  if (order !== undefined && typeof order !== "object") requireFunction(order, "sort argument");
  return {
    name: "sort",
    compile: (callbacks) => {
      const callback = typeof order === "function" ? callbacks.author(order) : undefined;
      const step = { type: "sort", descending, ...(callback && { callback }) } as const;
      return [step, { type: "collect" }, step];
    },
  };
}

/** @throws GearsError where the options are no `{ reverse }` */
function readReverse(options: SortOptions | null): boolean {
  const names = options === null ? [] : Object.keys(options);
  if (options === null || Array.isArray(options) || names.some((name) => name !== "reverse")) {
    throw new PlanError(
      `sort argument must be a function or { reverse }, got ${
        names.length > 0 && !Array.isArray(options) ? names.join(", ") : describe(options)
      }`,
    );
  }
  const { reverse = false } = options;
  if (typeof reverse === "boolean") return reverse;
  throw new PlanError(`sort reverse argument must be a boolean, got ${describe(reverse)}`);
}
