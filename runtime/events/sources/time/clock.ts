/**
 * Where a time source has the time from.
 *
 * @module
 */

/** A wall clock, which somebody may set, and a way to wait, which goes on at its own pace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, whatever becomes of the clock; at once when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    }),
};
