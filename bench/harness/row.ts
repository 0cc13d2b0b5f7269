/**
 * A line of the result: what was measured, with what it was compared, what it has to reach.
 *
 * @module
 */

import type { Figure } from "./statistics.ts";

/** What figures are in. */
export type Unit =
  | "ms"
  | "req/s"
  | "records/s"
  | "KiB"
  | "MiB"
  | "MiB/s"
  | "B/record"
  | "sockets"
  | "% core";

/** What a row has to reach. */
export interface Target {
  /** `ratio` of ours to the baseline, or our `value` itself. */
  readonly of: "ratio" | "value";
  readonly bound: "atMost" | "atLeast" | "below";
  readonly limit: number;
}

/** What a benchmark says of a row. */
export interface RowInput {
  /** Its name in the JSON file, `benchmark/row`: does not change. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly unit: Unit;
  readonly ours: Figure;
  readonly baseline?: { readonly title: string; readonly figure: Figure };
  /** None where the row is there to explain others. */
  readonly target?: Target;
}

/** See the module. */
export interface Row extends RowInput {
  /** Our median by the baseline's. */
  readonly ratio?: number;
  readonly met?: boolean;
}

/** Judges a row. */
export function makeRow(input: RowInput): Row {
  const { ours, baseline, target } = input;
  const ratio = baseline && ours.median / baseline.figure.median;
  if (target === undefined) return { ...input, ratio };
  const value = target.of === "ratio" ? ratio : ours.median;
  if (value === undefined) throw new TypeError(`${input.name}: a ratio needs a baseline`);
  return { ...input, ratio, met: isWithin(value, target) };
}

function isWithin(value: number, { bound, limit }: Target): boolean {
  switch (bound) {
    case "atMost":
      return value <= limit;
    case "atLeast":
      return value >= limit;
    case "below":
      return value < limit;
    default:
      return bound satisfies never;
  }
}
