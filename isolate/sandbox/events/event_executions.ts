/**
 * Begins the executions of events, counts them, and tells how each has ended.
 *
 * @module
 */

import { runInExecution, type ScopedExecution } from "../base/execution_scope.ts";
import type { EventDelivery, Work } from "./event_work.ts";
import type { RegisteredPlan, RunErrors } from "./registered_plan.ts";

/** The end of an execution. */
export interface ExecutionEnd {
  /** Index of its first event in the delivery. */
  readonly at: number;
  readonly errors: RunErrors;
  readonly startedAt: number;
  /** True if commands of it may be under way. */
  readonly mustSettle: boolean;
  /** None of its events fits: nothing was run. */
  readonly isSkipped?: boolean;
}

/** The part of its flow that executions need. */
export interface ExecutionsDeps {
  /** True if an execution that only waits for replies lets the next one of its keys begin. */
  readonly mayOverlap: boolean;
  /** Number of commands that have been given so far. */
  commandsGiven(): number;
  /** Takes the end of an execution. */
  conclude(work: Work, end: ExecutionEnd): void;
}

/** The executions of one registration. */
export class EventExecutions {
  readonly #plan: RegisteredPlan;
  readonly #deps: ExecutionsDeps;
  #running = 0;
  #replying = 0;

  constructor(plan: RegisteredPlan, deps: ExecutionsDeps) {
    this.#plan = plan;
    this.#deps = deps;
  }

  /** Number of executions that run. */
  get running(): number {
    return this.#running;
  }

  /** Number of executions that only wait for replies to their commands. */
  get replying(): number {
    return this.#replying;
  }

  /** Begins the next execution of a work. */
  begin(work: Work): void {
    const { delivery } = work;
    const at = work.next;
    const to = Math.min(at + delivery.batch, work.to);
    const startedAt = performance.now();
    work.next = to;
    work.running++;
    this.#running++;
    let records: unknown[];
    try {
      records = delivery.records.read(at, to);
    } catch (error) {
      return this.#finish(work, { at, errors: [error], startedAt, mustSettle: false });
    }
    if (records.length === 0) {
      return this.#finish(work, { at, errors: [], startedAt, mustSettle: false, isSkipped: true });
    }
    this.#start(work, records, { at, to, startedAt });
  }

  #start(
    work: Work,
    records: unknown[],
    { at, to, startedAt }: { readonly at: number; readonly to: number; readonly startedAt: number },
  ): void {
    const before = this.#deps.commandsGiven();
    const errors = this.#run(work.delivery, at, records);
    const given = this.#deps.commandsGiven() - before;
    if (!(errors instanceof Promise)) {
      return this.#finish(work, { at, errors, startedAt, mustSettle: given > 0 });
    }
    if (this.#deps.mayOverlap && this.#plan.waitsForReplies) {
      return this.#awaitReplies(work, errors, { at, startedAt, mustSettle: given > to - at });
    }
    void errors.then((errors) => this.#finish(work, { at, errors, startedAt, mustSettle: true }));
  }

  #run(delivery: EventDelivery, at: number, records: unknown[]): RunErrors | Promise<RunErrors> {
    const depths = delivery.depths?.slice(at, at + delivery.batch);
    const scope = depths === undefined ? OUTERMOST : toScope(Math.max(...depths));
    return runInExecution(scope, () => this.#plan.run(records));
  }

  #awaitReplies(work: Work, errors: Promise<RunErrors>, end: Omit<ExecutionEnd, "errors">): void {
    work.running--;
    this.#running--;
    work.replying++;
    this.#replying++;
    void errors.then((errors) => {
      work.replying--;
      this.#replying--;
      this.#deps.conclude(work, { ...end, errors });
    });
  }

  #finish(work: Work, end: ExecutionEnd): void {
    work.running--;
    this.#running--;
    this.#deps.conclude(work, end);
  }
}

/** Makes the scope of executions of events that so many registrations' writes led to. */
function toScope(depth: number): ScopedExecution {
  return depth === 0 ? OUTERMOST : { isAborted: false, depth, countForwarded() {} };
}

const OUTERMOST: ScopedExecution = { isAborted: false, depth: 0, countForwarded() {} };
