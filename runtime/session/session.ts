/**
 * A session: one isolate with one loaded module, and everything that runs in it.
 *
 * When the isolate dies, every execution and invocation of the session ends with the reason.
 *
 * @module
 */

import { PinionError, type SourceLocation } from "../../errors.ts";
import type { ExecutionMode } from "../../sdk/plan/plan.ts";
import { validatePlan } from "../../sdk/plan/validate.ts";
import type { FetchReply, FetchRequest, LogLine } from "../engine.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { Isolate } from "../isolate/isolate.ts";
import { ABORT_GRACE_MS, type SessionLimits } from "../isolate/limits.ts";
import type { FromSandbox, LoadMessage, ModuleExport } from "../isolate/messages.ts";
import { decodeWire, weighWire } from "../isolate/wire.ts";
import type { LogBook } from "../log_book.ts";
import { Deadline } from "./deadline.ts";
import { LogGate } from "./log_gate.ts";
import { PendingCalls } from "./pending_calls.ts";
import type { PlaceMapper } from "./place_mapper.ts";

/** What a session needs of the runtime. */
export interface SessionContext {
  readonly executions: ExecutionStore;
  readonly logs: LogBook;
  readonly limits: SessionLimits;
  /** Rewrites places in errors to the author's files. */
  readonly places?: PlaceMapper;
}

/** What happens to the isolate when an execution of it is aborted. */
export type AbortPolicy =
  /** It is killed: a script has nothing else to do. */
  | "kill"
  /** It lives on if its code lets go in time. */
  | "grace";

/** Executions that a session may have under way. */
const MAX_RUNNING = 2_000;
/** Encoded results may ask for so many times their bytes in memory before more of them is counted. */
const WEIGHT_PER_RESULT_BYTE = 8;

/** See the module. */
export class Session {
  readonly id: string;
  /** Called before an execution is created; what it throws refuses the run. */
  admitRun: (isNested: boolean) => void = () => {};
  /** Replaces the mode that plans name. */
  mode: ExecutionMode | undefined;
  /** Called with the execution that the module's top level started, before it runs. */
  onExecution: (execution: Execution) => void = () => {};
  /** Called when nothing new should begin here: the soft limit of CPU time is reached. */
  onRetire: () => void = () => {};
  /** Called with each line that the session's code logs. */
  onLog: (line: LogLine) => void = () => {};
  readonly #isolate: Isolate;
  readonly #context: SessionContext;
  readonly #abortPolicy: AbortPolicy;
  readonly #logGate: LogGate;
  readonly #executions = new Map<string, Execution>();
  /** Those whose results nobody outside can ask for. */
  readonly #inner = new Set<string>();
  readonly #deadlines = new Map<string, Deadline>();
  readonly #invocations = new PendingCalls<Uint8Array<ArrayBuffer>>();
  readonly #fetches = new PendingCalls<FetchReply>();
  readonly #batchRuns = new PendingCalls<Execution>();
  #load: PromiseWithResolvers<readonly ModuleExport[]> | null = null;
  /** Why a run at the module's top level was refused: nobody may be waiting for its promise. */
  #refusal: PinionError | null = null;
  #isRetired = false;
  #nextCall = 0;

  constructor(id: string, isolate: Isolate, context: SessionContext, abortPolicy: AbortPolicy) {
    this.id = id;
    this.#isolate = isolate;
    this.#context = context;
    this.#abortPolicy = abortPolicy;
    isolate.onMessage = (message) => this.#receive(message);
    isolate.limit(context.limits, () => this.onRetire());
    this.#logGate = new LogGate(context.limits.logLinesPerSecond);
    isolate.ended.then((reason) => this.#end(reason));
  }

  /** Resolves with the reason when the isolate is gone. */
  get ended(): Promise<PinionError> {
    return this.#isolate.ended;
  }

  get isAlive(): boolean {
    return this.#isolate.isAlive;
  }

  /** Whether another session has taken its place. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Another session has taken its place: it ends when nothing runs in it any more. */
  retire(): void {
    this.#isRetired = true;
  }

  /** How many executions and calls it has under way. */
  get activity(): number {
    return this.#executions.size + this.#invocations.size + this.#fetches.size +
      this.#batchRuns.size;
  }

  /** Loads the module. @throws `SCRIPT_*`, `BAD_IMPORT`, `LIMIT_*`, `ISOLATE_DIED` */
  async load(message: LoadMessage, timeoutMs: number): Promise<readonly ModuleExport[]> {
    if (!this.isAlive) throw await this.ended;
    this.#load = Promise.withResolvers();
    using _deadline = message.kind === "script"
      ? this.#killAfter(timeoutMs, "the script", "executionTimeoutMs")
      : this.#killAfter(timeoutMs, "loading the module", "loadTimeoutMs");
    this.#isolate.send(message);
    try {
      const exports = await this.#load.promise;
      if (this.#refusal !== null) throw this.#refusal;
      return exports;
    } catch (error) {
      throw this.#refusal ?? error;
    } finally {
      this.#load = null;
    }
  }

  /** Calls a function. @throws `FUNCTION_FAILED`, `BAD_BODY`, `LIMIT_*`, `ISOLATE_DIED` */
  invoke(exportName: string, body: Uint8Array, signal?: AbortSignal) {
    return this.#call(
      this.#invocations,
      (id) => this.#isolate.send({ type: "invoke", id, exportName, body }),
      signal,
    );
  }

  /** Calls the module's `fetch`. @throws as `invoke` */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<FetchReply> {
    return this.#call(
      this.#fetches,
      (id) => this.#isolate.send({ type: "fetch", id, ...request }),
      signal,
    );
  }

  /** Starts an exported builder. @throws `BAD_PLAN`, `BAD_BODY` */
  runExport(exportName: string, body: Uint8Array): Promise<Execution> {
    return this.#call(
      this.#batchRuns,
      (id) => this.#isolate.send({ type: "runExport", id, exportName, body }),
    );
  }

  /** Passes on what RG.CONFIGSET has set. */
  setConfig(config: Readonly<Record<string, string>>): void {
    this.#isolate.send({ type: "config", config });
  }

  /** Whether an execution runs here. */
  has(executionId: string): boolean {
    return this.#executions.has(executionId);
  }

  /** Ends an execution; resolves when nothing of it runs any more. */
  async abort(executionId: string, reason: PinionError): Promise<void> {
    const execution = this.#executions.get(executionId);
    if (execution === undefined) return;
    if (this.#abortPolicy === "kill") {
      execution.abort(reason);
      return await this.kill(reason);
    }
    execution.abort(reason);
    this.#isolate.send({ type: "abort", executionId });
    const deadline = Date.now() + ABORT_GRACE_MS;
    while (this.#executions.has(executionId)) {
      if (Date.now() >= deadline) return await this.#killForOne(reason);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Kills the isolate. Resolves when the process is gone. */
  async kill(reason: PinionError): Promise<void> {
    await this.#isolate.kill(reason);
  }

  #call<T>(
    calls: PendingCalls<T>,
    send: (id: number) => void,
    signal?: AbortSignal,
  ): Promise<T> {
    if (!this.isAlive) {
      return Promise.reject(new PinionError("ISOLATE_DIED", "The isolate of the function died"));
    }
    const id = this.#nextCall++;
    const { invocationTimeoutMs } = this.#context.limits;
    const promise = calls.add(id, invocationTimeoutMs, () => void this.#timeOut(id), signal);
    send(id);
    return promise;
  }

  /** An invocation took too long. */
  async #timeOut(id: number): Promise<void> {
    const reason = limitTime(
      "an invocation",
      this.#context.limits.invocationTimeoutMs,
      "invocationTimeoutMs",
    );
    this.#fail(id, reason);
    await this.#killForOne(reason);
  }

  /**
   * Kills the isolate for one thing that runs in it, which cannot be stopped without it. The others
   * fail, too, with an error that says that they may be tried again.
   */
  async #killForOne(reason: PinionError): Promise<void> {
    this.#failAll(
      new PinionError(
        "ISOLATE_DIED",
        "The function was stopped because another one of its library had to be; try again",
      ),
    );
    await this.kill(reason);
  }

  #receive(message: FromSandbox): void {
    switch (message.type) {
      case "loaded":
        return this.#load?.resolve(message.exports);
      case "loadFailed":
        return this.#load?.reject(this.#toError(PinionError.fromData(message.error)));
      case "run":
        return this.#run(message);
      case "progress":
        return this.#executions.get(message.executionId)?.report(message.figures);
      case "results":
        return this.#addResults(message.executionId, message.records);
      case "done":
        this.#executions.get(message.executionId)?.finish(
          message.figures,
          message.errors.map((text) => this.#context.places?.mapText(text) ?? text),
        );
        return this.#forget(message.executionId);
      case "reply":
        if (this.#isTooLarge(message.id, message.body)) return;
        return this.#invocations.resolve(message.id, message.body);
      case "fetchReply":
        if (this.#isTooLarge(message.id, message.body)) return;
        return this.#fetches.resolve(message.id, message);
      case "failed":
        return this.#fail(message.id, this.#toError(PinionError.fromData(message.error)));
      case "log":
        return this.#log(message.level, message.message);
      default:
        message satisfies never;
    }
  }

  #run(message: Extract<FromSandbox, { type: "run" }>): void {
    const { run, plan, isNested, invocation } = message;
    try {
      if (this.#executions.size >= MAX_RUNNING) throw tooManyRuns();
      this.admitRun(isNested);
      const validated = validatePlan(plan);
      const execution = this.#context.executions.create(
        { ...validated, mode: this.mode ?? validated.mode },
        this.id,
      );
      this.#executions.set(execution.id, execution);
      const { executionTimeoutMs } = this.#context.limits;
      this.#deadlines.set(
        execution.id,
        new Deadline(
          executionTimeoutMs,
          () =>
            void this.abort(
              execution.id,
              limitTime("an execution", executionTimeoutMs, "executionTimeoutMs"),
            ),
        ),
      );
      if (invocation !== undefined) this.#batchRuns.resolve(invocation, execution);
      else this.#onExecution(execution, isNested);
      execution.start();
      this.#isolate.send({ type: "start", run, executionId: execution.id });
    } catch (error) {
      const refusal = this.#toRefusal(error, message.location);
      if (invocation !== undefined) this.#batchRuns.reject(invocation, refusal);
      else if (!isNested && this.#load !== null) this.#refusal ??= refusal;
      this.#isolate.send({ type: "refuse", run, error: refusal.toData() });
    }
  }

  #toRefusal(error: unknown, location: SourceLocation | undefined): PinionError {
    const { code, message, cause } = PinionError.from(error);
    return this.#toError(new PinionError(code, message, { cause, location }));
  }

  /** Nobody outside asks for a nested execution: it is forgotten when it is over. */
  #onExecution(execution: Execution, isNested: boolean): void {
    if (isNested || this.#load === null) {
      this.#inner.add(execution.id);
      execution.over.then(() => this.#context.executions.forget(execution.id));
    } else this.onExecution(execution);
  }

  #log(level: LogLine["level"], message: string): void {
    for (const text of this.#logGate.admit(message, Date.now())) {
      const line = this.#context.logs.add(this.id, level, text);
      for (const execution of this.#executions.values()) execution.addLog(line);
      this.onLog(line);
    }
  }

  #addResults(executionId: string, bytes: Uint8Array): void {
    const execution = this.#executions.get(executionId);
    if (execution === undefined || execution.isOver || this.#inner.has(executionId)) return;
    const { resultBytes } = this.#context.limits;
    const room = (resultBytes - execution.resultBytes) * WEIGHT_PER_RESULT_BYTE;
    const weight = weighWire(bytes, room + WEIGHT_PER_RESULT_BYTE);
    const countedBytes = Math.max(bytes.byteLength, Math.ceil(weight / WEIGHT_PER_RESULT_BYTE));
    if (execution.resultBytes + countedBytes > resultBytes) {
      const reason = new PinionError(
        "LIMIT_RESULT",
        `The execution was stopped: its results are larger than ${resultBytes} bytes (resultBytes); aggregate them, or write them to Redis`,
      );
      return void this.abort(executionId, reason);
    }
    const records = decodeWire(bytes);
    execution.addResults(Array.isArray(records) ? records : [], countedBytes);
  }

  /** Whether the reply to a call is larger than results may be; the call has failed then. */
  #isTooLarge(id: number, body: Uint8Array | null): boolean {
    const { resultBytes } = this.#context.limits;
    if (body === null || body.byteLength <= resultBytes) return false;
    const reason = new PinionError(
      "LIMIT_RESULT",
      `The function's reply has ${body.byteLength} bytes, the limit is ${resultBytes} bytes (resultBytes); return less, or write it to Redis`,
    );
    this.#fail(id, reason);
    return true;
  }

  /** Answers a call, of whichever kind it is, with an error. */
  #fail(id: number, error: PinionError): void {
    for (const calls of [this.#invocations, this.#fetches, this.#batchRuns]) {
      calls.reject(id, error);
    }
  }

  #killAfter(timeoutMs: number, what: string, limit: keyof SessionLimits): Deadline {
    return new Deadline(timeoutMs, () => void this.kill(limitTime(what, timeoutMs, limit)));
  }

  #forget(executionId: string): void {
    this.#executions.delete(executionId);
    this.#inner.delete(executionId);
    this.#deadlines.get(executionId)?.[Symbol.dispose]();
    this.#deadlines.delete(executionId);
  }

  #toError(error: PinionError): PinionError {
    return this.#context.places?.mapError(error) ?? error;
  }

  #end(reason: PinionError): void {
    if (reason.cause !== undefined) this.#context.logs.addFailure(`Session ${this.id}`, reason);
    this.#load?.reject(reason);
    this.#failAll(reason);
  }

  /** Fails every call and execution that is under way. */
  #failAll(reason: PinionError): void {
    for (const calls of [this.#invocations, this.#fetches, this.#batchRuns]) {
      calls.rejectAll(reason);
    }
    for (const execution of this.#executions.values()) execution.abort(reason);
    for (const id of [...this.#executions.keys()]) this.#forget(id);
  }
}

function tooManyRuns(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot run: ${MAX_RUNNING} executions of this session are under way already; await some first`,
  );
}

function limitTime(what: string, timeoutMs: number, limit: keyof SessionLimits): PinionError {
  return new PinionError(
    "LIMIT_TIME",
    `The function was stopped: ${what} took longer than ${timeoutMs} ms (${limit})`,
  );
}
