import { assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../../../../errors.ts";
import type { TimeTrigger } from "../../../../../contract/plan/registration.ts";
import { makeSchedule, MAX_COUNTED } from "../../../../../runtime/events/sources/time/schedule.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function cron(expression: string, timeZone: string | null = null): TimeTrigger {
  return { reader: "TimeReader", cron: expression, timeZone, everyMs: null, on: "one" };
}

function every(everyMs: number): TimeTrigger {
  return { reader: "TimeReader", cron: null, timeZone: null, everyMs, on: "one" };
}

/** The next times after one, as text. */
function times(trigger: TimeTrigger, after: string, count: number): string[] {
  const schedule = makeSchedule(trigger, NOW);
  const found: string[] = [];
  for (let at = schedule.next(Date.parse(after)); at !== null; at = schedule.next(at)) {
    found.push(new Date(at).toISOString().replace(".000Z", "Z"));
    if (found.length === count) break;
  }
  return found;
}

Deno.test("cron times are of their zone, UTC without one", () => {
  assertEquals(times(cron("30 2 * * *"), "2026-01-01T02:30:00Z", 1), ["2026-01-02T02:30:00Z"]);
  assertEquals(times(cron("30 2 * * *", "Asia/Kolkata"), "2026-01-01T00:00:00Z", 2), [
    "2026-01-01T21:00:00Z",
    "2026-01-02T21:00:00Z",
  ]);
  assertEquals(times(cron("*/20 * * * * *"), "2026-01-01T00:00:05.5Z", 2), [
    "2026-01-01T00:00:20Z",
    "2026-01-01T00:00:40Z",
  ]);
});

Deno.test("a time that summer time leaves out is taken at the end of the gap", () => {
  assertEquals(times(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z", 2), [
    "2026-03-29T01:00:00Z",
    "2026-03-30T00:30:00Z",
  ]);
});

Deno.test("a time that comes twice is taken once, those of each hour in both", () => {
  assertEquals(times(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2), [
    "2026-10-25T00:30:00Z",
    "2026-10-26T01:30:00Z",
  ]);
  assertEquals(times(cron("30 * * * *", "Europe/Berlin"), "2026-10-25T00:00:00Z", 3), [
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z",
    "2026-10-25T02:30:00Z",
  ]);
});

Deno.test("an interval's times are its multiples since 1970", () => {
  assertEquals(times(every(90_000), "1970-01-01T00:00:00Z", 3), [
    "1970-01-01T00:01:30Z",
    "1970-01-01T00:03:00Z",
    "1970-01-01T00:04:30Z",
  ]);
});

for (const [name, trigger] of [["cron", cron("* * * * *")], ["interval", every(60_000)]] as const) {
  Deno.test(`${name}: times of a span, its end included and its begin not`, () => {
    const schedule = makeSchedule(trigger, NOW);
    const between = (from: string, to: string) =>
      schedule.between(Date.parse(`2026-01-01T${from}Z`), Date.parse(`2026-01-01T${to}Z`));
    const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
    assertEquals(between("00:00:00", "00:00:59"), null);
    assertEquals(between("00:00:00", "00:01:00"), { count: 1, last: at("00:01:00") });
    assertEquals(between("00:00:30", "00:03:59"), { count: 3, last: at("00:03:00") });
  });
}

Deno.test("a long span of cron times is not counted to its end, but its last time is right", () => {
  const schedule = makeSchedule(cron("* * * * * *"), NOW);
  const to = NOW + 3 * 3_600_000;
  assertEquals(schedule.between(NOW, to), { count: MAX_COUNTED, last: to });
  assertEquals(schedule.between(NOW, to + 999), { count: MAX_COUNTED, last: to });
});

Deno.test("what cannot be, or never fires, is refused with the reason", () => {
  const refused: [TimeTrigger, RegExp][] = [
    [cron("61 * * * *"), /cron "61 \* \* \* \*" in time zone UTC: Invalid value for minute: 61/],
    [cron("often"), /exactly five, six, or seven/],
    [cron("* * * * *", "Europe/Nowhere"), /Europe\/Nowhere/],
    [cron("0 0 30 2 *"), /never fires/],
  ];
  for (const [trigger, message] of refused) {
    const error = assertThrows(() => makeSchedule(trigger, NOW), PinionError);
    assertEquals(error.code, "BAD_PLAN");
    assertEquals(message.test(error.message), true, error.message);
  }
});
