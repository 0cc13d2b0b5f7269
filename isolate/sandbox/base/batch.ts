/**
 * A batch of records on its way through the steps of a stage.
 *
 * @module
 */

/** Records in order; `keys`, where it is not null, holds the key of each. */
export interface Batch {
  readonly records: unknown[];
  readonly keys: string[] | null;
}

/** A batch without records. */
export const EMPTY_BATCH: Batch = { records: [], keys: null };

/** A key as records are grouped by it. Source: reference 3, "Keys". */
export function toKeyText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) return JSON.stringify(value) ?? String(value);
  return String(value);
}

/** Tells whether a callback answered with a promise. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}
