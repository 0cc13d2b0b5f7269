/**
 * One execution as the runtime keeps it: its plan, its state, what it has given so far.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import type {
  ExecutionInfo,
  ExecutionOutcome,
  ExecutionProgress,
  ExecutionStatus,
} from "../../contract/api/execution_info.ts";
import type { LogLine } from "../../contract/api/log_entry.ts";
import type { ExecutionFigures } from "../../contract/isolate/messages/execution_messages.ts";
import { CollectedResults } from "./state/collected_results.ts";
import { isLoss } from "./part_errors.ts";
import { changeStatus, isFinal } from "./state/status.ts";
import { describeSteps } from "./state/step_info.ts";

/** Lines that an execution keeps. */
const MAX_LOG_LINES = 1_000;

/** Owner of an execution. */
export interface ExecutionOwner {
  /** Session or library. */
  readonly session: string;
  readonly shardId: string;
}

/** One execution with its plan, state and results. */
export class Execution {
  readonly id: string;
  readonly plan: Plan;
  readonly fingerprint: string;
  readonly createdAt = Date.now();
  /** Resolves when it is done or aborted. */
  readonly finished: Promise<void>;
  /** Resolves when it is over and, if it was aborted, nothing of it runs on other shards either. */
  released: Promise<void>;
  readonly #owner: ExecutionOwner;
  readonly #startedAt = performance.now();
  readonly #settle: () => void;
  readonly #watchers = new Set<(progress: ExecutionProgress) => void>();
  readonly #logs: LogLine[] = [];
  #status: ExecutionStatus = "created";
  readonly #results = new CollectedResults();
  /** Progress of other shards, by their ids. */
  readonly #remoteFigures = new Map<string, ExecutionFigures>();
  /** Worker shards that are prepared, and those that are done. */
  shardsReceived = 0;
  /** Number of shards that have completed, counted as `shardsReceived`. */
  shardsCompleted = 0;
  #errors: readonly string[] = [];
  #figures: ExecutionFigures | null = null;
  #durationMs: number | null = null;
  #abortReason: PinionError | undefined;

  constructor(id: string, plan: Plan, fingerprint: string, owner: ExecutionOwner) {
    this.id = id;
    this.plan = plan;
    this.fingerprint = fingerprint;
    this.#owner = owner;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.released = promise;
    this.#settle = resolve;
  }

  /** Tells whether a registration started it. */
  get isRegistered(): boolean {
    return this.plan.reader.reader === "EventsReader";
  }

  get status(): ExecutionStatus {
    return this.#status;
  }

  /** Tells whether it is done or aborted. */
  get isFinished(): boolean {
    return isFinal(this.#status);
  }

  /** Encoded bytes of the results so far. */
  get resultBytes(): number {
    return this.#results.byteLength;
  }

  /** Reason why it was aborted. */
  get abortReason(): PinionError | undefined {
    return this.#abortReason;
  }

  /** Results and errors; what there is of them if it was aborted. */
  get outcome(): ExecutionOutcome {
    const { convertToStr } = this.plan;
    return { results: this.#results.all(), errors: this.#errors, convertToStr };
  }

  /**
   * Gives the outcome for its caller: where a shard was lost, the results so far, with the loss
   * among the errors.
   *
   * Source: reference 4.5.
   *
   * @throws why it was aborted otherwise
   */
  finalOutcome(): ExecutionOutcome {
    if (this.#abortReason === undefined || isLoss(this.#abortReason)) return this.outcome;
    throw this.#abortReason;
  }

  get progress(): ExecutionProgress {
    const figures = [...this.#remoteFigures.values()];
    if (this.#figures !== null) figures.push(this.#figures);
    const sum = (read: (one: ExecutionFigures) => number) =>
      figures.reduce((total, one) => total + read(one), 0);
    return {
      executionId: this.id,
      status: this.#status,
      read: sum((one) => one.recordsRead),
      ...(figures.some((one) => one.expected !== undefined) &&
        { expected: sum((one) => one.expected ?? 0) }),
      results: this.#results.count,
      errors: this.#figures === null ? this.#errors.length : sum((one) => one.errors),
      elapsedMs: this.#durationMs ?? performance.now() - this.#startedAt,
    };
  }

  /** Everything about it, for RG.GETEXECUTION. */
  get info(): ExecutionInfo {
    return {
      executionId: this.id,
      status: this.#status,
      registered: this.isRegistered,
      session: this.#owner.session,
      ...{ fingerprint: this.fingerprint, createdAt: this.createdAt },
      shards: [{
        ...{ shardId: this.#owner.shardId, status: this.#status },
        ...{ shardsReceived: this.shardsReceived, shardsCompleted: this.shardsCompleted },
        results: this.isFinished ? this.#results.count : -1,
        errors: this.isFinished ? this.#errors : [],
        totalDurationMs: this.progress.elapsedMs,
        readDurationMs: this.#figures?.readDurationMs ?? 0,
        recordsRead: this.#figures?.recordsRead ?? 0,
        forwardedCommands: this.#figures?.forwardedCommands ?? 0,
        steps: describeSteps(this.plan.steps, this.#figures),
      }],
      logs: this.#logs,
      ...(this.#abortReason && { abortReason: this.#abortReason.toData() }),
    };
  }

  /** Calls back with each report until it is over. Returns a function that stops that. */
  watch(onProgress: (progress: ExecutionProgress) => void): () => void {
    this.#watchers.add(onProgress);
    return () => this.#watchers.delete(onProgress);
  }

  start(): void {
    this.waitFor("running");
  }

  /** Goes to a state that is not the last. */
  waitFor(status: Exclude<ExecutionStatus, "done" | "aborted">): void {
    if (this.isFinished) return;
    this.#status = changeStatus(this.#status, status);
    this.#notify();
  }

  report(figures: ExecutionFigures): void {
    if (this.isFinished) return;
    this.#figures = figures;
    this.#notify();
  }

  /** Gives another shard's progress. */
  reportOf(shardId: string, figures: ExecutionFigures): void {
    if (this.isFinished) return;
    this.#remoteFigures.set(shardId, figures);
    this.#notify();
  }

  /** @param source Number of the shard that they come from; absent for this one. */
  addResults(records: readonly unknown[], byteLength: number, source?: number): void {
    if (!this.isFinished) this.#results.add(records, byteLength, source);
  }

  /** This shard's part of it is over; other shards have still to end theirs. */
  partDone(
    status: "pending_cluster" | "pending_termination",
    figures: ExecutionFigures,
    errors: readonly string[],
  ): void {
    if (this.isFinished) return;
    [this.#figures, this.#errors] = [figures, errors];
    this.waitFor(status);
  }

  addLog(line: LogLine): void {
    if (this.#logs.push(line) > MAX_LOG_LINES) this.#logs.shift();
  }

  finish(figures: ExecutionFigures, errors: readonly string[]): void {
    if (this.isFinished) return;
    [this.#figures, this.#errors] = [figures, errors];
    this.#end("done");
  }

  /** Ends it before its time. What it gave so far is kept. */
  abort(reason: PinionError): void {
    if (this.isFinished) return;
    this.#abortReason = reason;
    this.#errors = [...this.#errors, reason.message];
    this.#end("aborted");
  }

  #end(status: "done" | "aborted"): void {
    this.#status = changeStatus(this.#status, status);
    this.#durationMs = performance.now() - this.#startedAt;
    this.#settle();
    this.#notify();
    this.#watchers.clear();
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher(this.progress);
  }
}
