/**
 * `@std/assert` from the npm mirror, with the types that the mirror leaves out.
 *
 * @module
 */
// @ts-types="./std_assert.d.ts"
export * from "deno-std/assert/mod.js";
