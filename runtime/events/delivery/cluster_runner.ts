/**
 * Runs deliveries over all shards, where records of a registration move from one to another.
 *
 * A distributed execution costs some milliseconds, whatever is in it, so events that wait are run
 * in one, as long as what comes out does not depend on which of them are together. One execution of
 * a registration follows the other, so the order of events is kept; events of different keys that
 * are of different depth in a chain may overtake each other (`depth_groups.ts`).
 *
 * Differs: in RedisGears each event is an execution of its own. Where a bundled execution has
 * errors, it is not known which events they are of: all of them count as failed, unless the policy
 * is `continue`, so that what is tried again is tried by itself.
 *
 * @module
 */

import { isGathering } from "../../../contract/plan/event_plan.ts";
import type { RegistrationPlan } from "../../../contract/plan/registration.ts";
import type { EventFailure } from "../../../contract/isolate/messages/events.ts";
import {
  MAX_EVENT_ERROR_CHARS,
  MAX_EVENT_ERRORS,
} from "../../../contract/isolate/messages/message_limits.ts";
import { countOf } from "../../session/session_deliveries.ts";
import { type DepthGroup, groupByDepth } from "../chains/depth_groups.ts";
import type { Delivery, EventRunner, ExecutionObserver } from "../source/event_source.ts";
import type { RecentExecutions } from "./recent_executions.ts";
import type { LibraryRunner } from "./library_runner.ts";
import { EventSlices } from "./slice_events.ts";

/** Services of a runner of distributed executions. */
export interface ClusterRunnerDeps {
  readonly plan: RegistrationPlan;
  /** Runs deliveries where this shard stands alone; gives turns in the session that serves. */
  readonly local: LibraryRunner;
  /** True if other shards take part now. */
  readonly isClustered: () => boolean;
  readonly observer: ExecutionObserver;
  readonly kept: RecentExecutions;
}

/** Events that one execution runs at most. */
const MAX_BUNDLE = 10_000;

interface Pending {
  readonly delivery: Delivery;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly group: DepthGroup;
  readonly slices: EventSlices;
  readonly count: number;
  /** The next event to run. */
  next: number;
}

/** Events of one delivery in an execution. */
interface Share {
  readonly pending: Pending;
  readonly from: number;
  readonly to: number;
}

/** Runs deliveries as distributed executions. */
export class ClusterRunner implements EventRunner {
  readonly #deps: ClusterRunnerDeps;
  readonly #isGathering: boolean;
  #waiting: Pending[] = [];
  #isRunning = false;

  constructor(deps: ClusterRunnerDeps) {
    this.#deps = deps;
    this.#isGathering = isGathering(deps.plan.steps);
  }

  async deliver(delivery: Delivery, signal?: AbortSignal): Promise<void> {
    const { local, isClustered } = this.#deps;
    if (!isClustered()) return await local.deliver(delivery, signal);
    const ends = groupByDepth(delivery).map((group) => this.#add(delivery, group, signal));
    if (!this.#isRunning) void this.#runAll();
    // Nothing of it is under way any more when this settles, also where a group has failed.
    for (const end of await Promise.allSettled(ends)) {
      if (end.status === "rejected") throw end.reason;
    }
  }

  #add(delivery: Delivery, group: DepthGroup, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { payload } = group;
    const slices = new EventSlices(payload);
    const count = countOf(payload);
    this.#waiting.push({ delivery, signal, resolve, reject, group, slices, count, next: 0 });
    return promise;
  }

  /** Runs what waits, one execution after the other. */
  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (true) {
      const shares = this.#take();
      if (shares.length === 0) break;
      try {
        await this.#run(shares);
      } catch (error) {
        for (const { pending } of shares) this.#close(pending, () => pending.reject(error));
      }
    }
    this.#isRunning = false;
  }

  /** Takes the events of the next execution from the line. */
  #take(): Share[] {
    const shares: Share[] = [];
    /** Keys of what is passed over: what comes behind must not overtake it. */
    const held = new Set<string>();
    let count = 0;
    for (const pending of [...this.#waiting]) {
      const { delivery: { batch, isSuspect }, signal, next, count: all } = pending;
      if (signal?.aborted || next >= all) {
        this.#close(pending, pending.resolve);
        continue;
      }
      const isAlone = this.#isGathering || isSuspect === true;
      if (isAlone && count > 0) break;
      if (shares.length > 0 && !mayJoin(pending.group, shares[0].pending.group, held)) {
        for (const key of pending.group.keys!) held.add(key);
        continue;
      }
      const room = isAlone ? batch : Math.max(batch, MAX_BUNDLE - count);
      const to = Math.min(all, next + Math.floor(room / batch) * batch);
      shares.push({ pending, from: next, to });
      count += to - next;
      if (isAlone || count >= MAX_BUNDLE) break;
    }
    return shares;
  }

  async #run(shares: readonly Share[]): Promise<void> {
    const { observer, kept, local } = this.#deps;
    const executions = sumOf(shares, executionsOf);
    const { isSuspect = false } = shares[0].pending.delivery;
    await local.enter(isSuspect, async ({ session, registration }) => {
      const startedAt = performance.now();
      observer.began(executions);
      try {
        const execution = await session.functions.runEvents({
          registration,
          events: shares.map(({ pending, from, to }) => pending.slices.slice(from, to)),
          depth: Math.max(...shares.map(depthOf)),
        });
        kept.add(execution);
        await execution.released;
        if (execution.abortReason !== undefined) throw execution.abortReason;
        this.#tell(shares, execution.outcome.errors, performance.now() - startedAt);
      } catch (error) {
        observer.aborted(executions);
        throw error;
      }
    });
  }

  /** Says what became of an execution's events. */
  #tell(shares: readonly Share[], errors: readonly string[], durationMs: number): void {
    const { observer, plan } = this.#deps;
    const stops = plan.failure.policy !== "continue";
    const texts = errors.slice(0, MAX_EVENT_ERRORS)
      .map((text) => text.slice(0, MAX_EVENT_ERROR_CHARS));
    let failed = 0;
    const all = sumOf(shares, executionsOf);
    for (const share of shares) {
      const { pending, from, to } = share;
      const { batch, happenedAt } = pending.delivery;
      const done: number[] = [];
      const failures: EventFailure[] = [];
      for (let at = from; at < to; at += batch) {
        done.push(at);
        const hasFailed = texts.length > 0 && (stops || failed < errors.length);
        if (!hasFailed) continue;
        failed++;
        failures.push({ at, errors: texts, isFinal: false });
      }
      const placeOf = (at: number) => pending.group.places?.[at] ?? at;
      const last = happenedAt?.call(pending.delivery, placeOf(done.at(-1)!));
      observer.ended({
        executions: done.length,
        failures,
        totalDurationMs: durationMs * done.length / all,
        lastDurationMs: durationMs,
        lagMs: last === undefined ? null : Math.max(0, Date.now() - last),
      });
      pending.next = failures.length > 0 && stops ? pending.count : to;
      pending.delivery.onDone({
        done: done.map(placeOf),
        failures: failures.map((failure) => ({ ...failure, at: placeOf(failure.at) })),
      });
      if (pending.next >= pending.count) this.#close(pending, pending.resolve);
    }
  }

  #close(pending: Pending, settle: () => void): void {
    this.#waiting = this.#waiting.filter((other) => other !== pending);
    settle();
  }
}

function executionsOf({ pending: { delivery: { batch } }, from, to }: Share): number {
  return Math.ceil((to - from) / batch);
}

function depthOf({ pending: { delivery: { depths }, group }, from, to }: Share): number {
  if (depths === undefined || group.places !== null) return group.depth;
  return Math.max(0, ...depths.slice(from, to));
}

/**
 * Tells whether a group may be in one execution with a first one, though some before it are not.
 */
function mayJoin(
  { keys, depth }: DepthGroup,
  first: DepthGroup,
  held: ReadonlySet<string>,
): boolean {
  return keys === null || (depth === first.depth && keys.isDisjointFrom(held));
}

function sumOf<T>(list: readonly T[], read: (item: T) => number): number {
  return list.reduce((sum, item) => sum + read(item), 0);
}
