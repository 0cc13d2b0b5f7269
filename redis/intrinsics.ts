/**
 * Methods of built-in objects, captured when the codec loads so that user code which patches
 * prototypes later does not change what the codec does.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

/**
 * A method as a function that takes its receiver first. V8 inlines it, so it costs nothing where it
 * matters.
 *
 * @example
 * ```ts
 * import { uncurryThis } from "./intrinsics.ts";
 *
 * const charCodeAt = uncurryThis(String.prototype.charCodeAt);
 * charCodeAt("a", 0); // 97
 * ```
 */
export const uncurryThis = Function.prototype.bind.bind(Function.prototype.call) as <
  This,
  Args extends unknown[],
  Result,
>(method: (this: This, ...args: Args) => Result) => (self: This, ...args: Args) => Result;

/** Takes bytes from `start` up to `end`. */
export type CutBytes = (bytes: Uint8Array, start: number, end: number) => Uint8Array;

type BytesMethod = (this: Uint8Array, start: number, end: number) => Uint8Array;

/** `%TypedArray%.prototype.subarray`: a view. */
export const subarray: CutBytes = uncurryThis(Uint8Array.prototype.subarray as BytesMethod);
/** `%TypedArray%.prototype.slice`: a copy. */
export const sliceBytes: CutBytes = uncurryThis(Uint8Array.prototype.slice as BytesMethod);
/** `%TypedArray%.prototype.set`. */
export const setBytes: (target: Uint8Array, source: Uint8Array, offset: number) => void =
  uncurryThis(
    Uint8Array.prototype.set as (this: Uint8Array, source: Uint8Array, offset: number) => void,
  );
