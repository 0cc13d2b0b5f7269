/**
 * The type of data that nobody changes once a schema has checked it.
 *
 * @module
 */

/** `T` with every field, array and tuple read-only; bytes stay as they are. */
export type DeepReadonly<T> = T extends Uint8Array ? T
  : { readonly [Field in keyof T]: DeepReadonly<T[Field]> };
