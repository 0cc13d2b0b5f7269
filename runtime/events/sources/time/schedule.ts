/**
 * The times at which a TimeReader registration fires.
 *
 * A cron expression has five parts, six with seconds in front, or seven with the year at the end, or
 * is a nickname such as `@hourly`; `L`, `W` and `#` are known. Its times are of its time zone, UTC
 * without one. A time that summer time leaves out is taken at the end of the gap; one that comes
 * twice is taken once, the first time, unless the expression fires in each hour anyway.
 *
 * An interval's times are the multiples of it since 1970, so that a restart does not move them.
 *
 * Source: croner. RedisGears has `registerTE(period_sec, callback)`, whose times begin at its call.
 *
 * @module
 */

import { Cron } from "croner";
import { PinionError } from "../../../../errors.ts";
import type { TimeTrigger } from "../../../../contract/plan/registration.ts";

/** Times in a span that has begun. */
export interface Ticks {
  /** How many there are; counting stops at {@linkcode MAX_COUNTED}. */
  readonly count: number;
  readonly last: number;
}

/** See the module. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first one after a time; null where there is none. */
  next(afterMs: number): number | null;
  /** Those after `fromMs`, up to and with `toMs`; null where there is none. */
  between(fromMs: number, toMs: number): Ticks | null;
}

/** Times that are counted one by one. */
export const MAX_COUNTED = 1_000;

/** @throws `BAD_PLAN` for an expression or a time zone that cannot be, or that never fires */
export function makeSchedule(trigger: TimeTrigger, nowMs: number): Schedule {
  const { cron, everyMs, timeZone } = trigger;
  if (everyMs !== null) return makeInterval(everyMs);
  const schedule = makeCron(cron!, timeZone ?? "UTC");
  if (schedule.next(nowMs) !== null) return schedule;
  throw new PinionError(
    "BAD_PLAN",
    `Cannot register cron ${JSON.stringify(cron)}: it never fires from now on`,
  );
}

function makeInterval(everyMs: number): Schedule {
  const next = (afterMs: number) => (Math.floor(afterMs / everyMs) + 1) * everyMs;
  return {
    next,
    between(fromMs, toMs) {
      const last = Math.floor(toMs / everyMs) * everyMs;
      return last <= fromMs ? null : { count: (last - next(fromMs)) / everyMs + 1, last };
    },
  };
}

function makeCron(expression: string, timeZone: string): Schedule {
  const cron = parse(expression, timeZone);
  const next = (afterMs: number) => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  return {
    next,
    between(fromMs, toMs) {
      let last: number | null = null;
      let count = 0;
      for (let at = next(fromMs); at !== null && at <= toMs; at = next(at)) {
        last = at;
        if (++count < MAX_COUNTED) continue;
        return { count, last: lastUntil(cron, toMs) ?? at };
      }
      return last === null ? null : { count, last };
    },
  };
}

/** The last time up to and with `toMs`. */
function lastUntil(cron: Cron, toMs: number): number | undefined {
  const nextSecond = (Math.floor(toMs / 1_000) + 1) * 1_000;
  return cron.previousRuns(1, new Date(nextSecond))[0]?.getTime();
}

function parse(expression: string, timeZone: string): Cron {
  if (!isTimeZone(timeZone)) {
    throw new PinionError(
      "BAD_PLAN",
      `Cannot register cron ${JSON.stringify(expression)}: there is no time zone ` +
        `${JSON.stringify(timeZone)}; expected one such as "Europe/Vienna"`,
    );
  }
  try {
    const cron = new Cron(expression, { timezone: timeZone, paused: true });
    cron.nextRun();
    return cron;
  } catch (error) {
    const why = (error as Error).message.replace(/^\w+: /, "");
    throw new PinionError(
      "BAD_PLAN",
      `Cannot register cron ${JSON.stringify(expression)} in time zone ${timeZone}: ${why}`,
      { cause: error },
    );
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false; // that is what a RangeError says here
  }
}
