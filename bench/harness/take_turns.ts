/**
 * Measures several ways to do the same work in turns, so that a change of the machine's mood meets
 * all of them alike.
 *
 * ```text
 * warm-up: A B C     then `repeat` times: A B C  A B C  A B C
 * ```
 *
 * @module
 */

/** One way to do the work: does it once and gives what was measured. */
export type Contender<T> = (options: { readonly isWarmUp: boolean }) => Promise<T>;

/** What each contender gave in each of its turns but the warm-up. */
export async function takeTurns<Name extends string, T>(
  contenders: Readonly<Record<Name, Contender<T>>>,
  repeat: number,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(contenders) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, T[]>;
  for (let round = 0; round <= repeat; round++) {
    const isWarmUp = round === 0;
    for (const name of names) {
      const value = await contenders[name]({ isWarmUp });
      if (!isWarmUp) taken[name].push(value);
    }
  }
  return taken;
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
