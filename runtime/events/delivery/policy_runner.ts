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
 * reaches a limit then has failed. Where the isolate just dies it may have been by another's hand, so
 * that has to come twice.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../errors.ts";
import type { FailureSpec } from "../../../contract/plan/registration.ts";
import type { EventFailure } from "../../../contract/isolate/events.ts";
import { findTrouble } from "../../../contract/isolate/server_trouble.ts";
import { MAX_CHAIN_DEPTH } from "../chains/chains.ts";
import { type BackOff, pauseAfter } from "../../base/back_off.ts";
import type { DeadEvent, EventList } from "../source/event_list.ts";
import type { EventRunner, Hindrance } from "../source/event_source.ts";

/** What a runner needs of its registration. */
export interface PolicyPlace {
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
  /** Why it stands still; null: it goes on. */
  onHindrance(hindrance: Hindrance | null): void;
}

/** The policy is `abort`, and an execution has failed. */
export class RegistrationAborted extends Error {
  override readonly name = "RegistrationAborted";
}

/** Pauses while Redis or the library has a trouble that passes. */
const TROUBLE: BackOff = { firstMs: 100, maxMs: 2_000 };
/**
 * How long what was under way in an isolate that died is run alone, in milliseconds. Where that takes
 * longer, most of the rest had not begun; should the isolate die again, it is suspected again.
 */
const SUSPECT_MS = 2_000;
/** Ends of an isolate that what ran in it may be the reason of. */
const DEATHS = new Set(["ISOLATE_DIED", "LIMIT_TIME", "LIMIT_MEMORY", "LIMIT_CPU"]);
/** What no waiting mends. */
const ENDS = new Set(["NO_LIBRARY", "SHUTTING_DOWN", "STANDBY"]);

/** Executions that are to be run: one, or several that follow each other. */
interface Part {
  readonly from: number;
  readonly to: number;
  /** Events of an execution. */
  readonly batch: number;
  /** How often it has been run before. */
  readonly attempts: number;
  /** Why it failed the last time. */
  readonly failure: EventFailure | null;
  /** It is run alone: an isolate died of it or of others. */
  readonly isSuspect: boolean;
  /** How often an isolate died while it was run alone. */
  readonly deaths: number;
  /** Its events have used up their tries together: what is at fault is looked for. */
  readonly isParted: boolean;
}

/** What a delivery came to. */
interface Outcome {
  readonly failures: ReadonlyMap<number, EventFailure>;
  /** By number of the execution. */
  readonly over: readonly boolean[];
  /** Why not all of it was run. */
  readonly reason: unknown;
}

/** See the module. */
export class PolicyRunner {
  readonly #place: PolicyPlace;
  /** Lists that are run, in their order, with who waits for a list's turn. */
  readonly #lists = new Map<EventList, PromiseWithResolvers<void>>();
  /** Those of which something has to be run again. */
  readonly #stumbled = new Set<EventList>();
  #troubles = 0;

  constructor(place: PolicyPlace) {
    this.#place = place;
  }

  /**
   * Resolves when all events of the list are over. Lists may overlap as long as nothing fails; what
   * is run again of a list waits until those before it are over.
   *
   * @throws RegistrationAborted, the reason of `signal`, or `NO_LIBRARY` and the like; what has not
   * been settled then is to be run again.
   */
  async run(list: EventList, signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#lists.set(list, turn);
    try {
      if (this.#stumbled.size > 0) await turn.promise;
      signal.throwIfAborted();
      await this.#runAll(list, signal);
    } finally {
      this.#lists.delete(list);
      this.#stumbled.delete(list);
      this.#lists.values().next().value?.resolve();
    }
  }

  async #runAll(list: EventList, signal: AbortSignal): Promise<void> {
    const parts = this.#begin(list);
    /** How long suspects have been run alone. */
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

  /** All events but those that would make a chain of registrations too long. */
  #begin(list: EventList): Part[] {
    const part: Part = {
      ...{ from: 0, to: list.count, batch: this.#place.batch, attempts: 0, failure: null },
      ...{ isSuspect: false, deaths: 0, isParted: false },
    };
    const depths = list.depths(0, list.count);
    if (depths === undefined || depths.every((depth) => depth < MAX_CHAIN_DEPTH)) return [part];
    const parts: Part[] = [];
    let from = 0;
    for (let place = 0; place <= list.count; place++) {
      if (place < list.count && depths[place] < MAX_CHAIN_DEPTH) continue;
      if (place > from) parts.push({ ...part, from, to: place });
      from = place + 1;
      if (place === list.count) break;
      this.#place.onChain?.(list.deadEvent(place).key);
      list.settle([place]);
    }
    return parts;
  }

  /** Delivers a part; what is left to be done of it. */
  async #deliver(list: EventList, part: Part, signal: AbortSignal): Promise<Part[]> {
    const isFirst = this.#isFirst(list);
    const outcome = await this.#run(list, part, signal);
    const { reason } = outcome;
    const hasDied = reason instanceof PinionError && DEATHS.has(reason.code);
    const isUnexplained = isFirst && reason === null && outcome.failures.size === 0 &&
      !signal.aborted;
    const left = remaining(part, outcome, hasDied || isUnexplained);
    if (left.length > 0) await this.#stumble(list);
    signal.throwIfAborted();
    if (reason === null || hasDied) {
      if (left.length === 0) this.#passed();
      return this.#blameAlone(left, part, reason);
    }
    if (!(reason instanceof PinionError) || ENDS.has(reason.code)) throw reason;
    await this.#waitForTrouble(reason.message, signal);
    return left;
  }

  /** Something of a list is to be run again: resolves when those before it are over. */
  async #stumble(list: EventList): Promise<void> {
    this.#stumbled.add(list);
    if (!this.#isFirst(list)) await this.#lists.get(list)!.promise;
  }

  #isFirst(list: EventList): boolean {
    return this.#lists.keys().next().value === list;
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
    this.#place.onDeath?.(error);
    return [{ ...left[0], attempts: attempts + 1, failure }];
  }

  /** Runs a part, settles what is over of it. */
  async #run(list: EventList, part: Part, signal: AbortSignal): Promise<Outcome> {
    const { from, to, batch, isSuspect } = part;
    const over: boolean[] = new Array(Math.ceil((to - from) / batch)).fill(false);
    const failures = new Map<number, EventFailure>();
    const goesOn = this.#place.failure.policy === "continue";
    let reason: unknown = null;
    try {
      await this.#place.runner.deliver({
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
    const { policy, attempts, retryIntervalMs, maxRetryIntervalMs } = this.#place.failure;
    const [error] = failure.errors;
    if (policy === "abort") throw new RegistrationAborted(error);
    if (policy === "continue") {
      list.settle(placesOf(part));
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
    if (to - from > 1) {
      const middle = (from + to) >> 1;
      const half = { ...part, failure: null, isParted: true };
      return [
        { ...half, to: middle, batch: middle - from },
        { ...half, from: middle, batch: to - middle },
      ];
    }
    try {
      await this.#place.bury(list.deadEvent(from), { error, attempts });
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
    this.#place.onHindrance({ status: "WAITING_FOR_RETRY_ON_FAILURE", reason });
    try {
      await delay(pauseMs, { signal });
    } catch (error) {
      this.#place.onHindrance(null);
      throw error;
    }
  }

  #passed(): void {
    this.#troubles = 0;
    this.#place.onHindrance(null);
  }
}

/** The executions of a delivered part that are not over, failed ones with their failure. */
function remaining(part: Part, { failures, over }: Outcome, hasDied: boolean): Part[] {
  const left: Part[] = [];
  for (const [execution, isOver] of over.entries()) {
    const at = execution * part.batch;
    const from = part.from + at;
    const to = Math.min(from + part.batch, part.to);
    const failure = failures.get(at) ?? null;
    if (isOver && failure === null) continue;
    if (failure !== null) {
      left.push({ ...part, from, to, batch: to - from, failure, attempts: part.attempts + 1 });
    } else left.push({ ...part, from, to, isSuspect: part.isSuspect || hasDied });
  }
  return mergeParts(left);
}

/** Makes one of neighbours that may be delivered together. */
function mergeParts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last === undefined || !mayMerge(last, part)) merged.push(part);
    else merged[merged.length - 1] = { ...last, to: part.to };
  }
  return merged;
}

function mayMerge(last: Part, part: Part): boolean {
  if (last.to !== part.from || (last.to - last.from) % last.batch !== 0) return false;
  if (part.batch !== last.batch && part.to - part.from > last.batch) return false;
  return [last, part].every(({ failure, isSuspect, isParted, attempts }) =>
    failure === null && !isSuspect && !isParted && attempts === 0
  );
}

/** A suspect that has not been run as any other part; one that an isolate died of stays one. */
function toUnsuspected(part: Part): Part {
  return part.failure === null && part.deaths === 0 ? { ...part, isSuspect: false } : part;
}

/** A part that failed by Redis' own trouble, as it was before. */
function toTryAgain(part: Part): Part {
  if (part.failure === null || findTrouble(part.failure.errors) === null) return part;
  return { ...part, attempts: part.attempts - 1, failure: null };
}

function placesOf({ from, to }: Part): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
