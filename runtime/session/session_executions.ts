/**
 * The executions that a session has under way, with the limits that hold for each of them.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";
import type { ExecutionMode, Plan } from "../../contract/plan/plan.ts";
import type { LogLine } from "../../contract/api/log_entry.ts";
import type { Execution } from "../execution/execution.ts";
import { MAX_RUNNING_EXECUTIONS } from "../../contract/isolate/module_limits.ts";
import { decodeWire } from "../../contract/isolate/wire.ts";
import { weighWire } from "../../contract/isolate/wire_weight.ts";
import { Deadline } from "./base/deadline.ts";
import { tooLong, tooManyResults, tooManyRuns } from "./base/limit_errors.ts";
import type { SessionContext } from "./base/session_context.ts";

/**
 * Encoded results may ask for so many times their bytes in memory before more of them is counted.
 */
const WEIGHT_PER_RESULT_BYTE = 8;

/** Keeps a session's executions and applies their limits. */
export class SessionExecutions {
  readonly #sessionId: string;
  readonly #context: SessionContext;
  readonly #abort: (executionId: string, reason: PinionError) => unknown;
  readonly #executions = new Map<string, Execution>();
  /** Those whose results nobody outside can ask for. */
  readonly #inner = new Set<string>();
  readonly #deadlines = new Map<string, Deadline>();
  readonly #forgotten = new Map<string, PromiseWithResolvers<void>>();

  /** @param abort Called with an execution that has run into a limit. */
  constructor(
    sessionId: string,
    context: SessionContext,
    abort: (executionId: string, reason: PinionError) => unknown,
  ) {
    this.#sessionId = sessionId;
    this.#context = context;
    this.#abort = abort;
  }

  get size(): number {
    return this.#executions.size;
  }

  get(executionId: string): Execution | undefined {
    return this.#executions.get(executionId);
  }

  /** @throws `BAD_PLAN` where too many are under way already */
  checkRoom(): void {
    if (this.#executions.size >= MAX_RUNNING_EXECUTIONS) {
      throw tooManyRuns(MAX_RUNNING_EXECUTIONS);
    }
  }

  /** Creates an execution, whose time begins now. `mode` replaces the one that the plan names. */
  create(plan: Plan, mode: ExecutionMode | undefined): Execution {
    const execution = this.#context.executions.create(
      { ...plan, mode: mode ?? plan.mode },
      this.#sessionId,
    );
    this.adopt(execution);
    return execution;
  }

  /** Takes an execution that exists already; its time begins now. */
  adopt(execution: Execution): void {
    const { executionTimeoutMs } = this.#context.limits;
    this.#executions.set(execution.id, execution);
    this.#deadlines.set(
      execution.id,
      new Deadline(executionTimeoutMs, () =>
        this.#abort(
          execution.id,
          tooLong("an execution", executionTimeoutMs, "executionTimeoutMs"),
        )),
    );
  }

  /** Nobody outside asks for it: it keeps no results, and is forgotten when it is over. */
  keepInner(execution: Execution): void {
    this.#inner.add(execution.id);
    execution.finished.then(() => this.#context.executions.forget(execution.id));
  }

  /**
   * Adds encoded results; aborts the execution where they are more than it may have.
   *
   * @param source Number of the shard that they come from; absent for this one.
   * @returns whether they are results
   */
  addResults(executionId: string, bytes: Uint8Array, source?: number): boolean {
    const execution = this.#executions.get(executionId);
    if (execution === undefined || execution.isFinished || this.#inner.has(executionId)) {
      return false;
    }
    const { resultBytes } = this.#context.limits;
    const room = (resultBytes - execution.resultBytes) * WEIGHT_PER_RESULT_BYTE;
    const weight = weighWire(bytes, room + WEIGHT_PER_RESULT_BYTE);
    const countedBytes = Math.max(bytes.byteLength, Math.ceil(weight / WEIGHT_PER_RESULT_BYTE));
    if (execution.resultBytes + countedBytes > resultBytes) {
      this.#abort(executionId, tooManyResults(resultBytes));
      return false;
    }
    const records = decodeWire(bytes);
    if (!Array.isArray(records)) return false;
    execution.addResults(records, countedBytes, source);
    return true;
  }

  addLog(line: LogLine): void {
    for (const execution of this.#executions.values()) execution.addLog(line);
  }

  /** Resolves when nobody here answers for an execution any more. */
  whenForgotten(executionId: string): Promise<void> {
    if (!this.#executions.has(executionId)) return Promise.resolve();
    const waiting = this.#forgotten.get(executionId) ?? Promise.withResolvers<void>();
    this.#forgotten.set(executionId, waiting);
    return waiting.promise;
  }

  /** An execution is over, or nobody here answers for it any more. */
  forget(executionId: string): void {
    this.#executions.delete(executionId);
    this.#forgotten.get(executionId)?.resolve();
    this.#forgotten.delete(executionId);
    this.#inner.delete(executionId);
    this.#deadlines.get(executionId)?.[Symbol.dispose]();
    this.#deadlines.delete(executionId);
  }

  /** Ends all of them: the isolate that ran them is gone. */
  abortAll(reason: PinionError): void {
    for (const execution of this.#executions.values()) execution.abort(reason);
    for (const id of [...this.#executions.keys()]) this.forget(id);
  }
}
