/**
 * Random numbers that are the same in every run.
 *
 * @module
 */

/** Gives integers from 0 to `limit - 1`. */
export type RandomInteger = (limit: number) => number;

/** A generator of one sequence per seed (xorshift32): good enough to choose words. */
export function seededIntegers(seed: number): RandomInteger {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor(state / 0x1_0000_0000 * limit);
  };
}
