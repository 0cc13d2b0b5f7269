/**
 * `@std/async` from the npm mirror, with the types that the mirror leaves out.
 *
 * @module
 */
// @ts-types="./std_async_abortable.d.ts"
export { abortable } from "deno-std/async/abortable.js";
// @ts-types="./std_async_delay.d.ts"
export { delay } from "deno-std/async/delay.js";
