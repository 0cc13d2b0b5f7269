/**
 * The names that `import … from "pinion"` finds in a sandbox.
 *
 * The runtime writes them into the import map of the child process and may not import the SDK
 * itself; a test compares this list with `sdk/mod.ts`.
 *
 * @module
 */

/** Values that `sdk/mod.ts` exports, sorted. */
export const SDK_NAMES: readonly string[] = [
  "FlatError",
  "GB",
  "GearsBuilder",
  "GearsError",
  "NonRetryableError",
  "atomic",
  "configGet",
  "env",
  "execute",
  "flatError",
  "hashtag",
  "isAsyncAllow",
  "log",
];
