/**
 * Helpers of type tests: they hold while `deno test` checks types, and do nothing at run time.
 *
 * @module
 */

import type { GearsBuilder } from "../../sdk/mod.ts";

/** True where `A` and `B` are the same type, also where one of them is `any`. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
  ? true
  : false;

/** The records of a builder. */
// deno-lint-ignore no-explicit-any
export type RecordOf<B> = B extends GearsBuilder<any, infer T> ? T : never;

/** Does not compile unless the type argument is `true`. */
export function expectType<_IsEqual extends true>(): void {}
