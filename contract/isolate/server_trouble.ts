/**
 * Failures that are Redis' own and pass: a function that fails by them is run again when they are
 * over, and that counts as no attempt.
 *
 * Pure: the runtime and the sandbox import it.
 *
 * @module
 */

/** First words of such replies. */
const TROUBLES = new Set([
  "OOM",
  "READONLY",
  "LOADING",
  "MISCONF",
  "MASTERDOWN",
  "NOREPLICAS",
  "CLUSTERDOWN",
  "REDISDOWN",
  "TRYAGAIN",
]);
/** Longest part of a reply that is shown. */
const MAX_CHARS = 200;

/** What is the matter with Redis, where one of the errors says so. */
export function findTrouble(errors: readonly string[]): string | null {
  for (const error of errors) {
    const end = error.indexOf(" ");
    if (TROUBLES.has(end < 0 ? error : error.slice(0, end))) return error.slice(0, MAX_CHARS);
  }
  return null;
}
