/**
 * Measures several ways to do the same work in turns, so that a change of the machine's mood meets
 * all of them alike.
 *
 * ```text
 * warm-up: A B C     then `repeat` times: A B C  A B C  A B C     then the median of each
 * ```
 *
 * @module
 */

import { type Figure, summarize } from "./statistics.ts";

/** One way to do the work. */
export interface Contender {
  /** Does the work once and gives what was measured, in the unit of its row. */
  readonly run: () => Promise<number>;
}

/** Figures of each contender, without its warm-up. */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  repeat: number,
): Promise<Record<Name, Figure>> {
  const names = Object.keys(contenders) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= repeat; round++) {
    for (const name of names) {
      const value = await contenders[name].run();
      if (round > 0) samples.get(name)!.push(value);
    }
  }
  const figures = names.map((name) => [name, summarize(samples.get(name)!)] as const);
  return Object.fromEntries(figures) as Record<Name, Figure>;
}

/** Wall time of `work` in milliseconds; what it gives goes to `check`, outside of the time. */
export async function timeMs<T>(
  work: () => Promise<T>,
  check: (value: T) => void = () => {},
): Promise<number> {
  const started = performance.now();
  const value = await work();
  const elapsedMs = performance.now() - started;
  check(value);
  return elapsedMs;
}
