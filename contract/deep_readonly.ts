/**
 * The type of data that nobody changes once a schema has checked it.
 *
 * @module
 */

/** `T` with every field, list and tuple in it read-only. Bytes and functions stay as they are. */
export type DeepReadonly<T> = T extends Uint8Array | ((...args: never[]) => unknown) ? T
  : T extends object ? { readonly [Field in keyof T]: DeepReadonly<T[Field]> }
  : T;
