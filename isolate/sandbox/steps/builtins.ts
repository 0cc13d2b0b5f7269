/**
 * The functions that plans name instead of carrying.
 *
 * @module
 */

import { describe } from "../../../sdk/operations/operation.ts";
import type { BuiltinCallback } from "../../../contract/plan/vocabulary.ts";
import type { Callback } from "./step_runner.ts";

/** Sum and count of the numbers seen so far. */
type Average = readonly [sum: number, count: number];

/** Functions by the name that operations compile to. */
export const BUILTINS: Readonly<Record<BuiltinCallback, Callback>> = {
  identity: (record: unknown) => record,
  one: () => 1,
  zero: () => 0,
  increment: (count: number) => count + 1,
  incrementByKey: (_key: string, count: number) => count + 1,
  sum: (sum: number, part: number) => sum + part,
  sumByKey: (_key: string, sum: number, part: number) => sum + part,
  averageZero: (): Average => [0, 0],
  averageLocal: ([sum, count]: Average, value: number): Average => [sum + value, count + 1],
  averageGlobal: ([sum, count]: Average, [partSum, partCount]: Average): Average => [
    sum + partSum,
    count + partCount,
  ],
  averageResult: ([sum, count]: Average) => sum / count,
  toNumber,
};

/**
 * Source: RedisGears 1.2 `avg`, which takes what `float()` takes: no null, no list, no blank text.
 */
function toNumber(value: unknown): number {
  const isBlank = typeof value === "string" && value.trim() === "";
  const isNumeric = !isBlank && ["number", "bigint", "string", "boolean"].includes(typeof value);
  const number = isNumeric ? Number(value) : NaN;
  if (!Number.isNaN(number)) return number;
  throw new TypeError(`could not convert to a number: ${describe(value)}`);
}
