/**
 * The errors that the SDK itself throws in an author's code.
 *
 * @module
 */

/** A call of the SDK that cannot be: the message says what was expected and what came. */
export class GearsError extends Error {
  /** Always `GearsError`. */
  override name = "GearsError";
}

/** A pipeline that cannot be: its reader, an operation, an argument or an option. */
export class PlanError extends GearsError {}

/** An error whose text reaches the caller as it is, without class name and location. */
export class FlatError extends Error {
  /** Always `FlatError`. */
  override name = "FlatError";
}

/**
 * Throws an error whose text reaches the caller exactly as given.
 *
 * Source: RedisGears 1.2 `flat_error` (reference 4.10).
 *
 * @example
 * ```ts
 * import { flatError } from "pinion";
 *
 * function half(n: number): number {
 *   return n % 2 === 0 ? n / 2 : flatError("ODD the number is odd");
 * }
 * half(4);
 * ```
 */
export function flatError(message: string): never {
  throw new FlatError(message);
}
