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
 * An error that another try cannot mend: a registration with the policy `retry` does not run the
 * event again, it becomes a dead letter at once.
 *
 * @example
 * ```ts
 * import { NonRetryableError } from "pinion";
 *
 * function parseOrder(text: string): { id: number } {
 *   const order = JSON.parse(text);
 *   if (typeof order.id !== "number") throw new NonRetryableError("the order has no id");
 *   return order;
 * }
 * parseOrder('{"id":1}');
 * ```
 */
export class NonRetryableError extends Error {
  /** Always `NonRetryableError`. */
  override readonly name = "NonRetryableError";
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
