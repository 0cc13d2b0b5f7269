/**
 * Runs the deliveries of one registration: how many executions at a time, in which order.
 *
 * ```text
 * delivery ──► work: executions that follow each other ──► lanes of its keys ──► ready ──► running
 *              (all of a stream's, one of a key's)         order per key         in turn   ≤ concurrency
 * ```
 *
 * Where failures do not matter to what comes after (`continue`), an execution that only waits for
 * replies to its commands lets the next one of its key begin: commands keep their order on the way.
 * Such executions are bounded by the window of the plan.
 *
 * @module
 */

import type { EventPayload, EventsMessage } from "../../../contract/isolate/messages/events.ts";
import { findTrouble } from "../../../contract/isolate/server_trouble.ts";
import { RedisError } from "../base/redis_error.ts";
import type { EventRecords } from "../readers/event_records.ts";
import { EventExecutions, type ExecutionEnd } from "./event_executions.ts";
import { EventIntake } from "./event_intake.ts";
import { type EventDelivery, splitDelivery, toWork, type Work } from "./event_work.ts";
import { Lanes } from "./lanes.ts";
import type { OnceDeps } from "./once.ts";
import type { Outcomes } from "./outcomes.ts";
import type { RegisteredPlan, RunErrors } from "./registered_plan.ts";

/** The part of its sandbox that a flow needs. */
export interface EventFlowDeps {
  readonly outcomes: Outcomes;
  /** Number of commands that have been given so far. */
  commandsGiven(): number;
  /** Gives the place in Redis where ids of events are marked. */
  marks(windowMs: number): OnceDeps;
}

/** Limits and order of a registration's executions. */
interface FlowRules {
  /** Executions that may run at a time, in all and of one key. */
  readonly concurrency: number;
  readonly perKey: number;
  /** Executions that may wait for replies at a time. */
  readonly window: number;
  /** True if a failure holds up what comes after it under the same key. */
  readonly stopsKeys: boolean;
}

/** Runs the deliveries of one registration. */
export class EventFlow {
  readonly #plan: RegisteredPlan;
  readonly #outcomes: Outcomes;
  readonly #rules: FlowRules;
  readonly #intake: EventIntake;
  readonly #executions: EventExecutions;
  readonly #lanes: Lanes<Work>;
  readonly #deliveries = new Map<number, EventDelivery>();
  /** Work that may begin an execution now, in turn. */
  #ready: Work[] = [];
  #isPumping = false;

  constructor(plan: RegisteredPlan, { outcomes, commandsGiven, marks }: EventFlowDeps) {
    const { flow, failure, mode, window } = plan.plan;
    const isOrdered = mode === "sync";
    const stopsKeys = failure.policy !== "continue";
    const concurrency = isOrdered ? 1 : flow.concurrency;
    const perKey = isOrdered ? 1 : flow.concurrencyPerKey;
    this.#plan = plan;
    this.#outcomes = outcomes;
    this.#rules = { concurrency, perKey, window, stopsKeys };
    this.#lanes = new Lanes(perKey);
    this.#intake = new EventIntake(plan, { marks, admit: (delivery) => this.#admit(delivery) });
    this.#executions = new EventExecutions(plan, {
      mayOverlap: !isOrdered && !stopsKeys,
      commandsGiven,
      conclude: (work, end) => this.#conclude(work, end),
    });
  }

  /** Takes a delivery. */
  take(message: EventsMessage): void {
    this.#intake.take(message, (delivery) => this.#deliveries.set(delivery.id, delivery));
  }

  /** The records of a delivery, without those of events that were there before. */
  open(payload: EventPayload): EventRecords {
    return this.#intake.open(payload);
  }

  /** Ends a delivery: what has not begun of it does not begin any more. */
  end(id: number): void {
    const delivery = this.#deliveries.get(id);
    if (delivery !== undefined) delivery.isEnded = true;
  }

  /** Lets the executions of a delivery begin: its records are there. */
  #admit(delivery: EventDelivery): void {
    for (const { keys, from, to } of splitDelivery(delivery, this.#plan)) {
      if ("error" in keys) {
        const failed = { errors: [keys.error], durationMs: 0, mustSettle: false };
        this.#outcomes.add(delivery.id, { at: from, ...failed });
        continue;
      }
      const work = toWork(delivery, keys, { from, to });
      delivery.open++;
      if (this.#lanes.enter(work)) this.#queue(work);
    }
    if (delivery.open === 0) this.#endDelivery(delivery);
    this.#pump();
  }

  #queue(work: Work): void {
    if (work.isQueued) return;
    work.isQueued = true;
    this.#ready.push(work);
  }

  /** Begins executions while there is room. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    let taken = 0;
    while (taken < this.#ready.length && this.#hasRoom()) {
      const work = this.#ready[taken];
      if (this.#mayBegin(work)) this.#executions.begin(work);
      else {
        taken++;
        work.isQueued = false;
        if (work.running === 0) this.#close(work);
      }
    }
    if (taken > 0) this.#ready = this.#ready.slice(taken);
    this.#isPumping = false;
  }

  #hasRoom(): boolean {
    const { running, replying } = this.#executions;
    return running < this.#rules.concurrency && replying < this.#rules.window;
  }

  #mayBegin(work: Work): boolean {
    const { delivery } = work;
    if (work.next >= work.to || delivery.isEnded || work.running >= this.#rules.perKey) {
      return false;
    }
    return delivery.failedKeys.size === 0 ||
      !work.keys.some((key) => delivery.failedKeys.has(key));
  }

  #conclude(work: Work, { startedAt, ...end }: ExecutionEnd): void {
    const { delivery } = work;
    const { at, errors } = end;
    const durationMs = performance.now() - startedAt;
    const to = Math.min(at + delivery.batch, work.to);
    delivery.records.settle?.(at, to, errors.length === 0);
    this.#outcomes.add(delivery.id, { ...end, durationMs });
    if (errors.length > 0) this.#holdUp(work, errors);
    this.#queue(work);
    this.#pump();
  }

  /** Holds up what comes after a failure, where it is to be run again in its place. */
  #holdUp({ delivery, keys }: Work, errors: RunErrors): void {
    const isHeld = delivery.waitsForServer && errors.some(isTrouble);
    const held = isHeld ? this.#deliveries.values() : this.#rules.stopsKeys ? [delivery] : [];
    for (const { failedKeys } of held) for (const key of keys) failedKeys.add(key);
  }

  /** Closes work of which nothing begins any more, nor calls its author's functions. */
  #close(work: Work): void {
    // What was not begun because of one key holds up what comes after it under its other keys.
    if (work.next < work.to) {
      for (const key of work.keys) work.delivery.failedKeys.add(key);
    }
    if (!work.hasLeft) {
      work.hasLeft = true;
      this.#lanes.leave(work, (next) => this.#queue(next));
    }
    if (work.replying === 0 && --work.delivery.open === 0) this.#endDelivery(work.delivery);
  }

  #endDelivery({ id, records }: EventDelivery): void {
    // What is not finished by now was never begun.
    records.settle?.(0, records.count, false);
    this.#deliveries.delete(id);
    this.#outcomes.end(id);
  }
}

function isTrouble(error: unknown): boolean {
  return error instanceof RedisError && findTrouble([error.message]) !== null;
}
