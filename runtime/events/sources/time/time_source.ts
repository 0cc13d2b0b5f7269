/**
 * Fires a registration with the clock, on this shard.
 *
 * One run at a time: a time that comes while one is still going is skipped and counted. So are times
 * that went by while the machine slept or the clock was set forward, but for the last of them, which
 * fires at once. Where the clock is set back by no more than a minute, what has fired does not fire
 * again; by more, the times begin anew from where it stands then. Times while no runtime acts for the
 * shard, or while the registration is paused, are lost.
 *
 * With `on: "one"` the shard fires that owns the slot of the registration's id when the time comes.
 * While that slot moves from one shard to another, a time may fire on both or on neither.
 *
 * Differs: RedisGears' `registerTE` runs on the shard where it was called, and its callback holds up
 * the database.
 *
 * @module
 */

import type { FailureSpec } from "../../../../contract/plan/registration.ts";
import type { EventList } from "../../source/event_list.ts";
import type { EventRunner, EventSource, Hindrance } from "../../source/event_source.ts";
import { type PolicyPlace, PolicyRunner } from "../../delivery/policy_runner.ts";
import type { Clock } from "./clock.ts";
import type { Schedule } from "./schedule.ts";

/** What a time source works with. */
export interface TimeSourceParts {
  readonly schedule: Schedule;
  readonly clock: Clock;
  readonly runner: EventRunner;
  /** Whether this shard is to fire. */
  readonly isOurs: () => boolean;
  readonly failure: FailureSpec;
  /** Keeps a time whose runs have all failed. */
  readonly bury: PolicyPlace["bury"];
  /** Told of times that did not fire. */
  readonly onSkipped: (count: number) => void;
}

/** Time between two looks at the clock, in milliseconds: so much later it is seen that it was set. */
const LOOK_MS = 1_000;
/** As far back the clock may be set without times coming again, in milliseconds. */
const MAX_SET_BACK_MS = 60_000;

/** See the module. */
export class TimeSource implements EventSource {
  /** It has nothing that waits. */
  readonly backlog = null;
  readonly description = "clock: times while no runtime acts are lost, at most one run at a time";
  readonly #parts: TimeSourceParts;
  readonly #policy: PolicyRunner;
  #hindrance: Hindrance | null = null;
  #stopped: AbortController | null = null;
  /** Ends what waits to be tried again. */
  #ending = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  /** The run that is under way. */
  #run: Promise<void> | null = null;

  constructor(parts: TimeSourceParts) {
    this.#parts = parts;
    const { failure, runner, bury } = parts;
    this.#policy = new PolicyRunner({
      ...{ failure, batch: 1, runner, bury },
      onHindrance: (hindrance) => this.#hindrance = hindrance,
    });
  }

  get hindrance(): Hindrance | null {
    return this.#hindrance;
  }

  start(): void {
    if (this.#stopped !== null) return;
    this.#hindrance = null;
    const stopped = this.#stopped = new AbortController();
    this.#watching = this.#watch(stopped.signal);
  }

  async drain(): Promise<void> {
    this.#stopped?.abort();
    this.#stopped = null;
    await this.#watching;
    await this.#run;
  }

  /** A run that has begun goes on to its end, but is not tried again. */
  async stop(): Promise<void> {
    this.#ending.abort(STOPPED);
    await this.drain();
    this.#ending = new AbortController();
  }

  /** It leaves nothing in Redis. */
  forget(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, schedule } = this.#parts;
    let settled = clock.now();
    while (!signal.aborted) {
      const now = clock.now();
      if (now < settled - MAX_SET_BACK_MS) settled = now;
      const next = schedule.next(settled);
      if (next === null || next > now) {
        const waitMs = next === null ? LOOK_MS : Math.min(next - now, LOOK_MS);
        await clock.sleep(waitMs, signal);
        continue;
      }
      const { count, last } = schedule.between(settled, now)!;
      settled = last;
      if (this.#parts.isOurs()) this.#fire(last, count);
    }
  }

  /** The time `last` has come, and `count - 1` before it have gone by. */
  #fire(last: number, count: number): void {
    const { onSkipped } = this.#parts;
    const isBusy = this.#run !== null;
    if (isBusy || count > 1) onSkipped(isBusy ? count : count - 1);
    if (isBusy) return;
    this.#run = this.#policy.run(listOf(last), this.#ending.signal)
      .catch((error) => error === STOPPED || this.#abort(error))
      .then(() => void (this.#run = null));
  }

  #abort(error: unknown): void {
    this.#stopped?.abort();
    this.#stopped = null;
    const reason = error instanceof Error ? error.message : String(error);
    this.#hindrance = { status: "ABORTED", reason };
  }
}

/** Why a run is not tried again. */
const STOPPED = new Error("The source was stopped");

/** One time. */
function listOf(time: number): EventList {
  const payload = { kind: "time", time } as const;
  const eventId = new Date(time).toISOString();
  return {
    count: 1,
    payload: () => payload,
    depths: () => undefined,
    happenedAt: () => time,
    settle() {},
    deadEvent: () => ({ key: "", eventId, payload }),
  };
}
