/**
 * Runs events until each of them is over, as the failure policy of their registration says.
 *
 * ```text
 *                 ┌────────────── pause, doubled each time ◄──────────────┐
 *                 ▼                                                       │ tries left
 * executions ──► run ──► failed ──► retry: ────────────────────────────────┤
 *                 │        │                                               │ none, or final
 *                 │        ├─► continue: over                              ▼
 *                 ▼        ├─► abort: the registration stops        one event: dead letter, over
 *               over       └─► Redis' own trouble: wait for it,     several: each half by itself
 *                              then run, which counts for nothing
 * ```
 *
 * What was under way in an isolate that died is run again one by one, with nothing beside it: what
 * reaches a limit then has failed. Where the isolate just dies it may have been by another's hand,
 * so that has to come twice.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../errors.ts";
import type { FailureSpec } from "../../../contract/plan/registration.ts";
import type { EventFailure } from "../../../contract/isolate/messages/events.ts";
import { findTrouble } from "../../../contract/isolate/server_trouble.ts";
import { type BackOff, pauseAfter } from "../../base/back_off.ts";
import type { DeadEvent, EventList } from "../source/event_list.ts";
import type { BlockReason, EventRunner } from "../source/event_source.ts";
import { ListTurns } from "./list_turns.ts";
import {
  halve,
  mergeParts,
  type Outcome,
  type Part,
  partsOf,
  positionsOf,
  remaining,
  toTryAgain,
  toUnsuspected,
} from "./policy_parts.ts";

/** Services that a runner uses of its registration. */
export interface PolicyRunnerDeps {
  readonly failure: FailureSpec;
  /** Events of an execution. */
  readonly batch: number;
  readonly runner: EventRunner;
  /** Keeps an event that was given up. Rejects where it cannot; it is tried again then. */
  bury(event: DeadEvent, death: { error: string; attempts: number }): Promise<void>;
  /**
   * An event of this key is not run: it would make a chain of registrations too long. Absent where
   * no writes lead to events.
   */
  readonly onChain?: (key: string) => void;
  /** An execution that was run alone has failed, and its isolate with it. */
  readonly onDeath?: (error: string) => void;
  /** Reason why it stands still; null: it goes on. */
  onHindrance(hindrance: BlockReason | null): void;
}

/** The policy is `abort`, and an execution has failed. */
export class RegistrationAborted extends Error {
  override readonly name = "RegistrationAborted";
}

/** Pauses while Redis or the library has a trouble that passes. */
const TROUBLE: BackOff = { firstMs: 100, maxMs: 2_000 };
/**
 * Time for which what was under way in an isolate that died is run alone, in milliseconds. Where
 * that takes longer, most of the rest had not begun; should the isolate die again, it is suspected
 * again.
 */
const SUSPECT_MS = 2_000;
/** Ends of an isolate that what ran in it may be the reason of. */
const DEATHS = new Set(["ISOLATE_DIED", "LIMIT_TIME", "LIMIT_MEMORY", "LIMIT_CPU"]);
/** Codes of errors that no waiting mends. */
const ENDS = new Set(["NO_LIBRARY", "SHUTTING_DOWN", "STANDBY"]);

/** Runs events under the failure policy of their registration. */
export class PolicyRunner {
  readonly #deps: PolicyRunnerDeps;
  readonly #turns = new ListTurns();
  #troubles = 0;

  constructor(deps: PolicyRunnerDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when all events of the list are over. Lists may overlap as long as nothing fails; what
   * is run again of a list waits until those before it are over.
   *
   * @throws RegistrationAborted, the reason of `signal`, or `NO_LIBRARY` and the like; what has not
   * been settled then is to be run again.
   */
  async run(list: EventList, signal: AbortSignal): Promise<void> {
    try {
      await this.#turns.enter(list);
      signal.throwIfAborted();
      await this.#runAll(list, signal);
    } finally {
      this.#turns.leave(list);
    }
  }

  async #runAll(list: EventList, signal: AbortSignal): Promise<void> {
    const parts = partsOf(list, this.#deps.batch, (position) => {
      this.#deps.onChain?.(list.deadEvent(position).key);
      list.settle([position]);
    });
    /** Time for which suspects have been run alone. */
    let suspectMs = 0;
    while (parts.length > 0) {
      const part = parts.shift()!;
      const trouble = part.failure === null ? null : findTrouble(part.failure.errors);
      if (trouble !== null) {
        await this.#waitForTrouble(trouble, signal);
        // One of them tries whether it is over.
        parts.splice(0, Infinity, toTryAgain(part), ...mergeParts(parts.map(toTryAgain)));
        continue;
      }
      if (part.isSuspect && suspectMs > SUSPECT_MS) {
        parts.unshift(part);
        parts.splice(0, Infinity, ...mergeParts(parts.map(toUnsuspected)));
        suspectMs = 0;
        continue;
      }
      const startedAt = performance.now();
      const next = part.failure === null
        ? await this.#deliver(list, part, signal)
        : await this.#answer(list, part, part.failure, signal);
      signal.throwIfAborted();
      if (part.isSuspect) suspectMs += performance.now() - startedAt;
      parts.unshift(...next);
    }
    this.#passed();
  }

  /** Delivers a part; what is left to be done of it. */
  async #deliver(list: EventList, part: Part, signal: AbortSignal): Promise<Part[]> {
    const isFirst = this.#turns.isFirst(list);
    const outcome = await this.#run(list, part, signal);
    const { reason } = outcome;
    const hasDied = reason instanceof PinionError && DEATHS.has(reason.code);
    const isUnexplained = isFirst && reason === null && outcome.failures.size === 0 &&
      !signal.aborted;
    const left = remaining(part, outcome, hasDied || isUnexplained);
    if (left.length > 0) await this.#turns.stumble(list);
    signal.throwIfAborted();
    if (reason === null || hasDied) {
      if (left.length === 0) this.#passed();
      return this.#blameAlone(left, part, reason);
    }
    if (!(reason instanceof PinionError) || ENDS.has(reason.code)) throw reason;
    await this.#waitForTrouble(reason.message, signal);
    return left;
  }

  /** An execution that was run alone and is not over has failed. */
  #blameAlone(left: Part[], { isSuspect, attempts, deaths }: Part, reason: unknown): Part[] {
    if (!isSuspect || left.length !== 1 || left[0].failure !== null) return left;
    const hasDied = reason instanceof PinionError;
    if (hasDied && reason.code === "ISOLATE_DIED" && deaths === 0) {
      return [{ ...left[0], deaths: 1 }];
    }
    const error = hasDied ? reason.message : "The isolate did not run it";
    const failure = { at: 0, errors: [error], isFinal: false };
    this.#deps.onDeath?.(error);
    return [{ ...left[0], attempts: attempts + 1, failure }];
  }

  /** Runs a part, settles what is over of it. */
  async #run(list: EventList, part: Part, signal: AbortSignal): Promise<Outcome> {
    const { from, to, batch, isSuspect } = part;
    const over: boolean[] = new Array(Math.ceil((to - from) / batch)).fill(false);
    const failures = new Map<number, EventFailure>();
    const goesOn = this.#deps.failure.policy === "continue";
    let reason: unknown = null;
    try {
      await this.#deps.runner.deliver({
        ...{ payload: list.payload(from, to), batch, isSuspect },
        depths: list.depths(from, to),
        happenedAt: (place) => list.happenedAt(from + place),
        onDone(outcomes) {
          for (const failure of outcomes.failures) {
            const isTrouble = findTrouble(failure.errors) !== null;
            if (!goesOn || isTrouble) failures.set(failure.at, failure);
          }
          const settled: number[] = [];
          for (const at of outcomes.done) {
            over[at / batch] = true;
            if (failures.has(at)) continue;
            const end = Math.min(at + batch, to - from);
            for (let place = at; place < end; place++) settled.push(from + place);
          }
          list.settle(settled);
        },
      }, signal);
    } catch (error) {
      reason = error;
    }
    return { failures, over, reason };
  }

  /** Does what the policy says about an execution that failed; what is left to be done of it. */
  async #answer(
    list: EventList,
    part: Part,
    failure: EventFailure,
    signal: AbortSignal,
  ): Promise<Part[]> {
    const { policy, attempts, retryIntervalMs, maxRetryIntervalMs } = this.#deps.failure;
    const [error] = failure.errors;
    if (policy === "abort") throw new RegistrationAborted(error);
    if (policy === "continue") {
      list.settle(positionsOf(part));
      return [];
    }
    const isOver = part.isParted || failure.isFinal ||
      (attempts > 0 && part.attempts >= attempts);
    if (isOver) return await this.#part(list, part, error, signal);
    const pauseMs = pauseAfter(part.attempts, {
      firstMs: retryIntervalMs,
      maxMs: maxRetryIntervalMs,
    });
    await this.#stand(`try ${part.attempts} failed: ${error}`, pauseMs, signal);
    return [{ ...part, failure: null }];
  }

  /** Parts what is at fault from the rest; one event by itself becomes a dead letter. */
  async #part(
    list: EventList,
    part: Part,
    error: string,
    signal: AbortSignal,
  ): Promise<Part[]> {
    const { from, to, attempts } = part;
    if (to - from > 1) return halve(part);
    try {
      await this.#deps.bury(list.deadEvent(from), { error, attempts });
      list.settle([from]);
      return [];
    } catch (failure) {
      await this.#waitForTrouble(`a dead letter cannot be kept: ${String(failure)}`, signal);
      return [part];
    }
  }

  async #waitForTrouble(trouble: string, signal: AbortSignal): Promise<void> {
    await this.#stand(trouble, pauseAfter(++this.#troubles, TROUBLE), signal);
  }

  async #stand(reason: string, pauseMs: number, signal: AbortSignal): Promise<void> {
    this.#deps.onHindrance({ status: "WAITING_FOR_RETRY_ON_FAILURE", reason });
    try {
      await delay(pauseMs, { signal });
    } catch (error) {
      this.#deps.onHindrance(null);
      throw error;
    }
  }

  #passed(): void {
    this.#troubles = 0;
    this.#deps.onHindrance(null);
  }
}
