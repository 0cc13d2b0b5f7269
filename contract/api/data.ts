/**
 * The type of what a schema checks, as those who only read it see it.
 *
 * @module
 */

import type { z } from "zod";

/** A value with every field and every list in it read-only. Bytes stay as they are. */
export type DeepReadonly<T> = T extends Uint8Array | ((...args: never[]) => unknown) ? T
  : T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
  : T;

/** Data that passes a schema of this room. */
export type Data<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;
