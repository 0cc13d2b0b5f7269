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

import type { EventPayload, EventsMessage } from "../../../contract/isolate/events.ts";
import { keyText } from "../base/batch.ts";
import { findTrouble } from "../../../contract/isolate/server_trouble.ts";
import { RedisError } from "../base/redis_error.ts";
import { inExecution, type ScopedExecution } from "../base/execution_scope.ts";
import { type EventRecords, openRecords } from "../readers/event_records.ts";
import { Lanes, type LaneWork } from "./lanes.ts";
import { Once, type OncePlace } from "./once.ts";
import { OnceRecords } from "./once_records.ts";
import type { Outcomes } from "./outcomes.ts";
import type { RegisteredPlan, RunErrors } from "./registered_plan.ts";

/** A delivery under way. */
interface Delivery {
  readonly id: number;
  readonly batch: number;
  readonly records: EventRecords;
  readonly depths: readonly number[] | undefined;
  /** Whether what fails by a trouble of Redis is run again in its place, whatever the policy is. */
  readonly waitsForServer: boolean;
  /** Keys of which an execution failed, where what comes after must not run. */
  readonly failedKeys: Set<string>;
  /** Work that is not over. */
  open: number;
  isEnded: boolean;
}

/** Executions of a delivery that follow each other. */
interface Work extends LaneWork {
  readonly delivery: Delivery;
  /** Places of events: the next one to run, and the end. */
  next: number;
  readonly to: number;
  /** Executions that run, and those that only wait for replies. */
  running: number;
  replying: number;
  isQueued: boolean;
  /** Whether what comes after it in its lanes may begin. */
  hasLeft: boolean;
}

/** What a flow needs of its sandbox. */
export interface FlowPlace {
  readonly outcomes: Outcomes;
  /** How many commands have been given so far. */
  commandsGiven(): number;
  /** Where ids of events are marked. */
  marks(windowMs: number): OncePlace;
}

/** See the module. */
export class EventFlow {
  readonly #plan: RegisteredPlan;
  readonly #place: FlowPlace;
  readonly #concurrency: number;
  readonly #perKey: number;
  readonly #mayOverlap: boolean;
  readonly #stopsKeys: boolean;
  readonly #lanes: Lanes<Work>;
  readonly #deliveries = new Map<number, Delivery>();
  /** Work that may begin an execution now, in turn. */
  #ready: Work[] = [];
  #running = 0;
  #replying = 0;
  #isPumping = false;
  /** What knows the ids of events that were there; made when the first one comes. */
  #once: Once | null = null;
  /** Resolves when the deliveries that came so far are prepared; null where none waits for that. */
  #prepared: Promise<void> | null = null;

  constructor(plan: RegisteredPlan, place: FlowPlace) {
    const { flow, failure, mode } = plan.plan;
    this.#plan = plan;
    this.#place = place;
    const isOrdered = mode === "sync";
    this.#concurrency = isOrdered ? 1 : flow.concurrency;
    this.#perKey = isOrdered ? 1 : flow.concurrencyPerKey;
    this.#stopsKeys = failure.policy !== "continue";
    this.#mayOverlap = !isOrdered && !this.#stopsKeys;
    this.#lanes = new Lanes(this.#perKey);
  }

  /** Takes a delivery. */
  take(message: EventsMessage): void {
    const records = this.open(message.payload);
    const delivery: Delivery = {
      id: message.id,
      batch: message.batch,
      records,
      depths: message.depths,
      waitsForServer: message.payload.kind === "stream",
      failedKeys: new Set(),
      open: 0,
      isEnded: false,
    };
    this.#deliveries.set(message.id, delivery);
    const prepared = records.prepare();
    if (prepared === null && this.#prepared === null) return this.#admit(delivery);
    // Deliveries keep their order, also where a later one needs no reading or has it sooner.
    const admitted: Promise<void> = Promise.all([prepared, this.#prepared]).then(() => {
      if (this.#prepared === admitted) this.#prepared = null;
      this.#admit(delivery);
    });
    this.#prepared = admitted;
  }

  /** The records of a delivery, without those of events that were there before. */
  open(payload: EventPayload): EventRecords {
    const { trigger, flow: { dedupe } } = this.#plan.plan;
    const records = openRecords(payload, trigger);
    if (dedupe === null) return records;
    this.#once ??= new Once(this.#place.marks(dedupe.windowMs));
    return new OnceRecords(records, this.#once, this.#plan.callback(dedupe.id));
  }

  /** Lets the executions of a delivery begin: its records are there. */
  #admit(delivery: Delivery): void {
    const { records } = delivery;
    const { orderBy } = this.#plan.plan.flow;
    if (records.commonKey !== null && orderBy === undefined) {
      this.#addWork(delivery, [records.commonKey], 0, records.count);
    } else this.#splitWork(delivery);
    if (delivery.open === 0) this.#endDelivery(delivery);
    this.#pump();
  }

  /** What has not begun of a delivery does not begin any more. */
  end(id: number): void {
    const delivery = this.#deliveries.get(id);
    if (delivery !== undefined) delivery.isEnded = true;
  }

  /** Makes each execution work of its own, in the lanes of its records' keys. */
  #splitWork(delivery: Delivery): void {
    const { records, batch } = delivery;
    for (let from = 0; from < records.count; from += batch) {
      const to = Math.min(from + batch, records.count);
      try {
        this.#addWork(delivery, this.#keysOf(records, from, to), from, to);
      } catch (error) {
        this.#place.outcomes.add(delivery.id, {
          ...{ at: from, errors: [error], durationMs: 0, mustSettle: false },
        });
      }
    }
  }

  #keysOf(records: EventRecords, from: number, to: number): string[] {
    const { orderBy } = this.#plan.plan.flow;
    const keys = new Set<string>();
    if (orderBy === undefined) {
      for (let place = from; place < to; place++) keys.add(records.keyAt(place));
    } else {
      const callback = this.#plan.callback(orderBy);
      for (const record of records.preview(from, to)) keys.add(keyText(callback(record)));
    }
    return [...keys];
  }

  #addWork(delivery: Delivery, keys: readonly string[], from: number, to: number): void {
    const work: Work = {
      ...{ delivery, keys, next: from, to },
      ...{ blocked: 0, running: 0, replying: 0, isQueued: false, hasLeft: false },
    };
    delivery.open++;
    if (this.#lanes.enter(work)) this.#queue(work);
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
      if (this.#mayBegin(work)) this.#begin(work);
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
    return this.#running < this.#concurrency && this.#replying < this.#plan.plan.window;
  }

  #mayBegin(work: Work): boolean {
    const { delivery } = work;
    if (work.next >= work.to || delivery.isEnded || work.running >= this.#perKey) return false;
    return delivery.failedKeys.size === 0 ||
      !work.keys.some((key) => delivery.failedKeys.has(key));
  }

  #begin(work: Work): void {
    const { delivery } = work;
    const at = work.next;
    const to = Math.min(at + delivery.batch, work.to);
    work.next = to;
    work.running++;
    this.#running++;
    const startedAt = performance.now();
    let records: unknown[];
    try {
      records = delivery.records.read(at, to);
    } catch (error) {
      return this.#finish(work, at, { errors: [error], startedAt, mustSettle: false });
    }
    if (records.length === 0) {
      return this.#finish(work, at, { errors: [], startedAt, mustSettle: false, isSkipped: true });
    }
    const before = this.#place.commandsGiven();
    const errors = this.#run(delivery, at, records);
    const given = this.#place.commandsGiven() - before;
    if (!(errors instanceof Promise)) {
      return this.#finish(work, at, { errors, startedAt, mustSettle: given > 0 });
    }
    if (!this.#mayOverlap || !this.#plan.waitsForReplies) {
      return this.#await(work, at, startedAt, errors);
    }
    work.running--;
    this.#running--;
    work.replying++;
    this.#replying++;
    const mustSettle = given > to - at;
    void errors.then((errors) => {
      work.replying--;
      this.#replying--;
      this.#over(work, at, { errors, startedAt, mustSettle });
    });
  }

  #run(delivery: Delivery, at: number, records: unknown[]): RunErrors | Promise<RunErrors> {
    const depths = delivery.depths?.slice(at, at + delivery.batch);
    const scope = depths === undefined ? OUTERMOST : scopeOf(Math.max(...depths));
    return inExecution(scope, () => this.#plan.run(records));
  }

  #await(work: Work, at: number, startedAt: number, errors: Promise<RunErrors>): void {
    void errors.then((errors) => this.#finish(work, at, { errors, startedAt, mustSettle: true }));
  }

  #finish(work: Work, at: number, end: ExecutionEnd): void {
    work.running--;
    this.#running--;
    this.#over(work, at, end);
  }

  #over(work: Work, at: number, { startedAt, ...end }: ExecutionEnd): void {
    const { delivery } = work;
    const { errors } = end;
    const durationMs = performance.now() - startedAt;
    delivery.records.settle?.(
      at,
      Math.min(at + delivery.batch, work.to),
      errors.length === 0,
    );
    this.#place.outcomes.add(delivery.id, { ...end, at, durationMs });
    if (errors.length > 0) this.#failed(work, errors);
    this.#queue(work);
    this.#pump();
  }

  /** Holds up what comes after it, where it is to be run again in its place. */
  #failed({ delivery, keys }: Work, errors: RunErrors): void {
    const isHeld = delivery.waitsForServer && errors.some(isTrouble);
    const held = isHeld ? this.#deliveries.values() : this.#stopsKeys ? [delivery] : [];
    for (const { failedKeys } of held) for (const key of keys) failedKeys.add(key);
  }

  /** Nothing of it begins any more, nor calls its author's functions. */
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

  #endDelivery({ id, records }: Delivery): void {
    // What is not over by now was never begun.
    records.settle?.(0, records.count, false);
    this.#deliveries.delete(id);
    this.#place.outcomes.end(id);
  }
}

function isTrouble(error: unknown): boolean {
  return error instanceof RedisError && findTrouble([error.message]) !== null;
}

/** How an execution ended. */
interface ExecutionEnd {
  readonly errors: RunErrors;
  readonly startedAt: number;
  readonly mustSettle: boolean;
  /** None of its events fits: nothing was run. */
  readonly isSkipped?: boolean;
}

/** The scope of executions of events that so many registrations' writes led to. */
function scopeOf(depth: number): ScopedExecution {
  return depth === 0 ? OUTERMOST : { isAborted: false, depth, countForwarded() {} };
}

const OUTERMOST: ScopedExecution = { isAborted: false, depth: 0, countForwarded() {} };
