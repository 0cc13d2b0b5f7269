/**
 * Pauses between tries: each up to twice as long as the one before, no two alike.
 *
 * @module
 */

/** Bounds of pauses, in milliseconds. */
export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The pause after try number `attempt`, from 1: half of it is left to chance. */
export function pauseAfter(attempt: number, { firstMs, maxMs }: BackOff): number {
  const longest = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 40));
  return longest / 2 + Math.random() * longest / 2;
}
