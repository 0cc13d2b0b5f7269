/**
 * One execution as the runtime keeps it: its plan, its state, what it has given so far.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";
import type { Plan } from "../../sdk/plan/plan.ts";
import type { CallbackRef, Step } from "../../sdk/plan/step.ts";
import type {
  ExecutionInfo,
  ExecutionOutcome,
  ExecutionProgress,
  ExecutionStatus,
  LogLine,
  StepInfo,
} from "../engine.ts";
import type { ExecutionFigures } from "../isolate/messages.ts";
import { changeStatus, isFinal } from "./status.ts";

/** Lines that an execution keeps. */
const MAX_LOG_LINES = 1_000;

/** Who an execution belongs to. */
export interface ExecutionOwner {
  /** Session or library. */
  readonly session: string;
  readonly shardId: string;
}

/** See the module. */
export class Execution {
  readonly id: string;
  readonly plan: Plan;
  readonly fingerprint: string;
  readonly createdAt = Date.now();
  /** Resolves when it is done or aborted. */
  readonly over: Promise<void>;
  readonly #owner: ExecutionOwner;
  readonly #startedAt = performance.now();
  readonly #settle: () => void;
  readonly #watchers = new Set<(progress: ExecutionProgress) => void>();
  readonly #logs: LogLine[] = [];
  #status: ExecutionStatus = "created";
  #results: unknown[] = [];
  #resultBytes = 0;
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
    this.over = promise;
    this.#settle = resolve;
  }

  get status(): ExecutionStatus {
    return this.#status;
  }

  /** Whether it is done or aborted. */
  get isOver(): boolean {
    return isFinal(this.#status);
  }

  /** Encoded bytes of the results so far. */
  get resultBytes(): number {
    return this.#resultBytes;
  }

  /** Why it was aborted. */
  get abortReason(): PinionError | undefined {
    return this.#abortReason;
  }

  /** Results and errors; what there is of them if it was aborted. */
  get outcome(): ExecutionOutcome {
    return {
      results: this.#results,
      errors: this.#errors,
      convertToStr: this.plan.convertToStr,
    };
  }

  get progress(): ExecutionProgress {
    return {
      executionId: this.id,
      status: this.#status,
      read: this.#figures?.recordsRead ?? 0,
      ...(this.#figures?.expected !== undefined && { expected: this.#figures.expected }),
      results: this.#results.length,
      errors: this.#figures?.errors ?? this.#errors.length,
      elapsedMs: this.#durationMs ?? performance.now() - this.#startedAt,
    };
  }

  /** Everything about it, for RG.GETEXECUTION. */
  get info(): ExecutionInfo {
    return {
      executionId: this.id,
      status: this.#status,
      registered: false,
      session: this.#owner.session,
      fingerprint: this.fingerprint,
      createdAt: this.createdAt,
      shards: [{
        shardId: this.#owner.shardId,
        status: this.#status,
        shardsReceived: 0,
        shardsCompleted: 0,
        results: this.isOver ? this.#results.length : -1,
        errors: this.isOver ? this.#errors : [],
        totalDurationMs: this.progress.elapsedMs,
        readDurationMs: this.#figures?.readDurationMs ?? 0,
        recordsRead: this.#figures?.recordsRead ?? 0,
        steps: this.plan.steps.map((step, index) => this.#stepInfo(step, index)),
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
    this.#status = changeStatus(this.#status, "running");
    this.#notify();
  }

  report(figures: ExecutionFigures): void {
    if (this.isOver) return;
    this.#figures = figures;
    this.#notify();
  }

  addResults(records: readonly unknown[], byteLength: number): void {
    if (this.isOver) return;
    for (const record of records) this.#results.push(record);
    this.#resultBytes += byteLength;
  }

  addLog(line: LogLine): void {
    if (this.#logs.push(line) > MAX_LOG_LINES) this.#logs.shift();
  }

  finish(figures: ExecutionFigures, errors: readonly string[]): void {
    if (this.isOver) return;
    this.#figures = figures;
    this.#errors = errors;
    this.#end("done");
  }

  /** Ends it before its time. What it gave so far is kept. */
  abort(reason: PinionError): void {
    if (this.isOver) return;
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

  #stepInfo(step: Step, index: number): StepInfo {
    const figures = this.#figures?.steps[index];
    const callback: CallbackRef | undefined = "callback" in step ? step.callback : undefined;
    return {
      type: step.type === "keyvalue" || step.type === "dropkey" ? "map" : step.type,
      durationMs: figures?.durationMs ?? 0,
      name: callback?.name || step.type,
      arg: callback?.source === "author" ? callback.text : "",
      recordsIn: figures?.recordsIn ?? 0,
      recordsOut: figures?.recordsOut ?? 0,
    };
  }
}
