import { assertEquals } from "@std/assert";
import type { FailureSpec } from "../../../../../contract/plan/registration.ts";
import { makeSchedule } from "../../../../../runtime/events/sources/time/schedule.ts";
import { TimeSource } from "../../../../../runtime/events/sources/time/time_source.ts";
import { waitUntil } from "../../../../support/wait_until.ts";
import { FakeClock } from "./fake_clock.ts";

/** A source that fires each minute from noon on, and what it has done. */
class Firing implements AsyncDisposable {
  readonly clock = new FakeClock("2026-06-01T12:00:00Z");
  /** Times that fired. */
  readonly fired: string[] = [];
  readonly source: TimeSource;
  skipped = 0;
  /** Times that were given up. */
  readonly buried: string[] = [];
  isOurs = true;
  /** Why a run fails, if it does. Runs come to their end at once, unless this says otherwise. */
  run: () => Promise<string | void> = () => Promise.resolve();

  constructor(cron = "* * * * *", policy: FailureSpec["policy"] = "continue") {
    const trigger = {
      reader: "TimeReader",
      cron,
      timeZone: null,
      everyMs: null,
      on: "one",
    } as const;
    this.source = new TimeSource({
      schedule: makeSchedule(trigger, this.clock.now()),
      clock: this.clock,
      runner: {
        deliver: async ({ payload, onDone }) => {
          if (payload.kind !== "time") throw new TypeError(payload.kind);
          this.fired.push(new Date(payload.time).toISOString().slice(11, 19));
          const error = await this.run();
          const failures = error === undefined ? [] : [{ at: 0, errors: [error], isFinal: false }];
          onDone({ done: [0], failures });
        },
      },
      isOurs: () => this.isOurs,
      failure: {
        ...{ policy, retryIntervalMs: 1, maxRetryIntervalMs: 1, attempts: 3, deadLetters: 10 },
      },
      bury: ({ eventId }, { error, attempts }) => {
        this.buried.push(`${eventId} ${attempts} ${error}`);
        return Promise.resolve();
      },
      onSkipped: (count) => this.skipped += count,
    });
    this.source.start();
  }

  /** What fired since it was asked last. */
  take(): string[] {
    return this.fired.splice(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.source[Symbol.asyncDispose]();
  }
}

Deno.test("TimeSource fires when a time comes, not when it starts", async () => {
  await using test = new Firing();
  await test.clock.pass(59_999);
  assertEquals(test.take(), []);
  await test.clock.pass(1);
  assertEquals(test.take(), ["12:01:00"]);
  await test.clock.pass(180_000);
  assertEquals(test.take(), ["12:02:00", "12:03:00", "12:04:00"]);
  assertEquals(test.skipped, 0);
});

Deno.test("TimeSource: of times that a jump forward passes over, the last one fires", async () => {
  await using test = new Firing();
  await test.clock.pass(90_000);
  test.take();
  test.clock.set("2026-06-01T15:00:30Z");
  await test.clock.pass(1_000);
  assertEquals(test.take(), ["15:00:00"]);
  assertEquals(test.skipped, 178);
  await test.clock.pass(60_000);
  assertEquals(test.take(), ["15:01:00"]);
});

Deno.test("TimeSource: set back a little, nothing fires again", async () => {
  await using test = new Firing();
  await test.clock.pass(121_000);
  assertEquals(test.take(), ["12:01:00", "12:02:00"]);
  test.clock.set("2026-06-01T12:01:30Z");
  await test.clock.pass(89_999);
  assertEquals(test.take(), []);
  await test.clock.pass(1);
  assertEquals(test.take(), ["12:03:00"]);
  assertEquals(test.skipped, 0);
});

Deno.test("TimeSource: set back further, it does not stand still", async () => {
  await using test = new Firing();
  await test.clock.pass(121_000);
  test.take();
  test.clock.set("2026-06-01T09:00:30Z");
  await test.clock.pass(90_000);
  assertEquals(test.take(), ["09:01:00", "09:02:00"]);
});

Deno.test("TimeSource: one run at a time, those that come meanwhile are counted", async () => {
  await using test = new Firing();
  const end = Promise.withResolvers<void>();
  test.run = () => end.promise;
  await test.clock.pass(240_000);
  assertEquals(test.take(), ["12:01:00"]);
  assertEquals(test.skipped, 3);
  end.resolve();
  await test.clock.pass(60_000);
  assertEquals(test.take(), ["12:05:00"]);
  assertEquals(test.skipped, 3);
});

Deno.test("TimeSource: the shard that is asked when the time comes fires", async () => {
  await using test = new Firing();
  test.isOurs = false;
  await test.clock.pass(60_000);
  test.isOurs = true;
  await test.clock.pass(60_000);
  assertEquals(test.take(), ["12:02:00"]);
  assertEquals(test.skipped, 0);
});

Deno.test("TimeSource: times while it stands still are lost", async () => {
  await using test = new Firing();
  await test.source.stop();
  await test.clock.pass(600_000);
  test.source.start();
  await test.clock.pass(60_000);
  assertEquals(test.take(), ["12:11:00"]);
  assertEquals(test.skipped, 0);
});

Deno.test("TimeSource: drain waits for the run that is under way", async () => {
  await using test = new Firing();
  const end = Promise.withResolvers<void>();
  test.run = () => end.promise;
  await test.clock.pass(60_000);
  let isDrained = false;
  const drained = test.source.drain().then(() => isDrained = true);
  await test.clock.pass(60_000);
  assertEquals(isDrained, false);
  end.resolve();
  await drained;
  assertEquals(test.take(), ["12:01:00"]);
});

const fail = () => Promise.resolve("No");

Deno.test("TimeSource goes on after a failure where the policy is to continue", async () => {
  await using test = new Firing();
  test.run = fail;
  await test.clock.pass(120_000);
  assertEquals(test.take(), ["12:01:00", "12:02:00"]);
  assertEquals(test.source.hindrance, null);
});

Deno.test("TimeSource stops after a failure where the policy is to abort", async () => {
  await using test = new Firing("* * * * *", "abort");
  test.run = fail;
  await test.clock.pass(180_000);
  assertEquals(test.take(), ["12:01:00"]);
  assertEquals(test.source.hindrance, { status: "ABORTED", reason: "No" });
  test.run = () => Promise.resolve();
  test.source.start();
  await test.clock.pass(60_000);
  assertEquals(test.take(), ["12:04:00"]);
});

Deno.test("TimeSource tries a time again, and gives it up in the end", async () => {
  await using test = new Firing("* * * * *", "retry");
  test.run = fail;
  await test.clock.pass(60_000);
  await waitUntil(() => test.buried.length > 0);
  assertEquals(test.take(), ["12:01:00", "12:01:00", "12:01:00"]);
  assertEquals(test.buried, ["2026-06-01T12:01:00.000Z 3 No"]);
});
