/**
 * `TimeReader` in `register()`: fires with the clock.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { TimeTrigger } from "../../contract/plan/registration.ts";
import type { FailureOptions } from "./failure_options.ts";
import { numberOf, type Trigger } from "./event_reader.ts";

/**
 * Options of `register()` for a TimeReader: exactly one of `cron` and `everyMs`. A run that is still
 * going when the next one is due skips that, and counts it.
 *
 * Source: the "time interval" event of RedisGears' architecture, which it never shipped.
 */
export interface TimeRegisterOptions extends FailureOptions {
  /** Five fields (minute, hour, day, month, weekday), or six with the second first. */
  readonly cron?: string;
  /** Time zone of `cron` by its IANA name, such as `Europe/Berlin`. Default UTC. */
  readonly timeZone?: string;
  /** Milliseconds from one run to the next, at least 10. */
  readonly everyMs?: number;
  /** On every shard, or on one of them. Default `one`. */
  readonly on?: "one" | "all";
}

/** Longest text of an expression and of a zone, in characters. */
const MAX_TEXT = 256;

/** See the module. */
export const timeTrigger: Trigger = {
  options: ["cron", "timeZone", "everyMs", "on"],
  shared: ["failure"],
  concurrency: 1,
  compile(options): TimeTrigger {
    const { cron, timeZone, everyMs, on = "one" } = options;
    if ((cron === undefined) === (everyMs === undefined)) {
      throw new PlanError("TimeReader needs exactly one of cron and everyMs");
    }
    if (timeZone !== undefined && cron === undefined) {
      throw new PlanError("timeZone can only be given with cron");
    }
    if (on !== "one" && on !== "all") {
      throw new PlanError(`on must be "one" or "all", got ${describe(on)}`);
    }
    return {
      reader: "TimeReader",
      cron: textOf(cron, "cron"),
      timeZone: textOf(timeZone, "timeZone"),
      everyMs: everyMs === undefined
        ? null
        : numberOf(everyMs, "everyMs argument", { min: 10, max: 31_536_000_000 }),
      on,
    };
  },
  nameOf(trigger) {
    const { cron, timeZone, everyMs } = trigger as TimeTrigger;
    return cron === null ? `${everyMs}ms` : `${cron}${timeZone === null ? "" : ` ${timeZone}`}`;
  },
};

function textOf(value: unknown, what: string): string | null {
  if (value === undefined) return null;
  if (typeof value === "string" && value.trim() !== "" && value.length <= MAX_TEXT) {
    return value.trim();
  }
  throw new PlanError(`${what} argument must be a string, got ${describe(value)}`);
}
