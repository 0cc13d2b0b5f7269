/**
 * A session: one isolate with one loaded module, and everything that runs in it.
 *
 * When the isolate dies, every execution and invocation of the session ends with the reason.
 *
 * @module
 */

import { PinionError, type SourceLocation } from "../../errors.ts";
import type { ExecutionMode, Plan } from "../../contract/plan/plan.ts";
import { validatePlan } from "../../contract/plan/validate.ts";
import type { FetchReply, FetchRequest, LogLine } from "../engine/engine.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionPart, IsolatePort } from "../execution/part.ts";
import type { TriggerReplyMessage } from "../../contract/isolate/calls.ts";
import type { ListenPattern } from "../../contract/isolate/chain.ts";
import type { RunEventsMessage } from "../../contract/isolate/events.ts";
import type { ClusterPosition } from "../../contract/isolate/executions.ts";
import type { SlotMap } from "../../contract/isolate/host.ts";
import type { FromSandbox, ToSandbox } from "../../contract/isolate/messages.ts";
import type { LoadMessage, ModuleExport } from "../../contract/isolate/modules.ts";
import type { Isolate } from "../../isolate/process/isolate.ts";
import { ABORT_GRACE_MS, type SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import { Deadline } from "./deadline.ts";
import { tooLong } from "./limit_errors.ts";
import { LogGate } from "./log_gate.ts";
import { type DeliveryRequest, SessionDeliveries } from "./session_deliveries.ts";
import { type RunRequest, SessionCalls, type TriggerReply } from "./session_calls.ts";
import type { SessionContext } from "./session_context.ts";
import { SessionExecutions } from "./session_executions.ts";
import { type CalledRun, SessionParts } from "./session_parts.ts";
import { type Registrar, SessionRegistrations } from "./session_registrations.ts";

/** What a module is when it is loaded. */
export interface LoadedModule {
  readonly exports: readonly ModuleExport[];
  /** In the order in which it made them. */
  readonly registrations: readonly StoredRegistration[];
  /** What the top level of a script that registers has read, if it can be given again. */
  readonly recording?: Uint8Array;
  /** Why it cannot be given again, as the end of a sentence. */
  readonly unreplayable?: string;
}

/** Events of a registration that run over all shards. */
export type EventsRequest = Omit<RunEventsMessage, "type" | "id">;

/** What happens to the isolate when an execution of it is aborted. */
export type AbortPolicy =
  /** It is killed: a script has nothing else to do. */
  | "kill"
  /** It lives on if its code lets go in time. */
  | "grace";

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
  readonly #syncs: PromiseWithResolvers<void>[] = [];
  readonly #executions: SessionExecutions;
  readonly #calls: SessionCalls;
  readonly #parts: SessionParts;
  readonly #deliveries: SessionDeliveries;
  readonly #registrations: SessionRegistrations;
  /** What waits for the run of a script that another shard has received. */
  #expectedRun: PromiseWithResolvers<RunRequest> | null = null;
  #load: PromiseWithResolvers<Extract<FromSandbox, { type: "loaded" }>> | null = null;
  /** Why a run at the module's top level was refused: nobody may be waiting for its promise. */
  #refusal: PinionError | null = null;
  #isRetired = false;

  constructor(id: string, isolate: Isolate, context: SessionContext, abortPolicy: AbortPolicy) {
    this.id = id;
    this.#isolate = isolate;
    this.#context = context;
    this.#abortPolicy = abortPolicy;
    this.#executions = new SessionExecutions(id, context, (...args) => void this.abort(...args));
    this.#parts = new SessionParts(
      id,
      context,
      this.#executions,
      (message) => this.#isolate.send(message),
    );
    this.#registrations = new SessionRegistrations(
      (message) => this.#isolate.send(message),
      (error, location) => this.#toRefusal(error, location),
    );
    this.#calls = new SessionCalls(context.limits, (call) => void this.#timeOut(call));
    this.#deliveries = new SessionDeliveries({
      executionTimeoutMs: context.limits.executionTimeoutMs,
      send: (message) => this.#isolate.send(message),
      mapText: (text) => context.places?.mapText(text) ?? text,
      onExpired: (reason) => void this.#killForOne(reason),
    });
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

  /** How many executions, calls and deliveries it has under way. */
  get activity(): number {
    return this.#executions.size + this.#calls.size + this.#deliveries.size;
  }

  /** Gives ids to what the module registers. Default: it may not register. */
  set registrar(registrar: Registrar) {
    this.#registrations.registrar = registrar;
  }

  /** Loads the module. @throws `SCRIPT_*`, `BAD_IMPORT`, `LIMIT_*`, `ISOLATE_DIED` */
  async load(message: LoadMessage, timeoutMs: number): Promise<LoadedModule> {
    if (!this.isAlive) throw await this.ended;
    this.#load = Promise.withResolvers();
    using _deadline = message.kind === "script" && !message.isKept
      ? this.#killAfter(timeoutMs, "the script", "executionTimeoutMs")
      : this.#killAfter(timeoutMs, "loading the module", "loadTimeoutMs");
    this.#parts.setModule(message);
    this.#isolate.send(message);
    try {
      const { exports, recording, unreplayable } = await this.#load.promise;
      if (this.#refusal !== null) throw this.#refusal;
      const registrations = await this.#registrations.all();
      return { exports, registrations, recording, unreplayable };
    } catch (error) {
      throw this.#refusal ?? error;
    } finally {
      this.#load = null;
    }
  }

  /** Calls a function. @throws `FUNCTION_FAILED`, `BAD_BODY`, `LIMIT_*`, `ISOLATE_DIED` */
  invoke(
    exportName: string,
    body: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.isAlive) return Promise.reject(isolateDied());
    return this.#calls.start(
      "invocation",
      (id) => this.#isolate.send({ type: "invoke", id, exportName, body }),
      signal,
    );
  }

  /** Calls `onRegistered` of the registration at a place. @throws as `invoke` */
  async callOnRegistered(registration: number): Promise<void> {
    if (!this.isAlive) throw isolateDied();
    await this.#calls.start(
      "invocation",
      (id) => this.#isolate.send({ type: "callOnRegistered", id, registration }),
    );
  }

  /** Calls the module's `fetch`. @throws as `invoke` */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<FetchReply> {
    if (!this.isAlive) return Promise.reject(isolateDied());
    return this.#calls.start(
      "fetch",
      (id) => this.#isolate.send({ type: "fetch", id, ...request }),
      signal,
    );
  }

  /**
   * Runs events of the registration at a place of the module. Resolves when nothing of them is under
   * way any more; an aborted `signal` ends what has not begun.
   *
   * @throws `LIMIT_*`, `ISOLATE_DIED`; what was not reported as done may have run in part
   */
  deliver(request: DeliveryRequest, signal?: AbortSignal): Promise<void> {
    if (!this.isAlive) return Promise.reject(isolateDied());
    return this.#deliveries.start(request, signal);
  }

  /**
   * Runs the registration at a place of the module on a command, given as `[trigger, arg…]`. An
   * aborted `signal` rejects; the run itself goes on, and `onOver` is called when it ends.
   *
   * @throws `LIMIT_*`, `ISOLATE_DIED`, `EXECUTION_ABORTED`
   */
  trigger(
    registration: number,
    args: readonly (string | Uint8Array)[],
    { signal, onOver }: { readonly signal?: AbortSignal; readonly onOver?: () => void } = {},
  ): Promise<TriggerReply> {
    if (!this.isAlive) {
      onOver?.();
      return Promise.reject(isolateDied());
    }
    return this.#calls.start(
      "trigger",
      (id) => this.#isolate.send({ type: "trigger", id, registration, args }),
      signal,
      onOver,
    );
  }

  /**
   * Runs events of a registration over all shards. Resolves when the execution has begun.
   *
   * @throws `BAD_PLAN`, `LIMIT_TIME`, `ISOLATE_DIED`
   */
  runEvents(request: EventsRequest): Promise<Execution> {
    const { registration, events, depth } = request;
    const args = events[0]?.kind === "command" ? events[0].args : null;
    return this.#runCalled(
      { kind: "registration", registration, args, depth },
      (id) => ({ type: "runEvents", id, ...request }),
    );
  }

  /** Has a registration give its plan, for events that another shard runs. */
  prepareEvents(request: EventsRequest): Promise<RunRequest> {
    if (!this.isAlive) return Promise.reject(isolateDied());
    return this.#calls.start(
      "part",
      (id) => this.#isolate.send({ type: "runEvents", id, ...request }),
    );
  }

  /** Starts an exported builder. @throws `BAD_PLAN`, `BAD_BODY` */
  runExport(exportName: string, body: Uint8Array): Promise<Execution> {
    return this.#runCalled(
      { kind: "library", exportName, body },
      (id) => ({ type: "runExport", id, exportName, body }),
    );
  }

  /** Starts a run of the module's own, over all shards where there are others. */
  async #runCalled(run: CalledRun, message: (id: number) => ToSandbox): Promise<Execution> {
    if (!this.isAlive) throw isolateDied();
    const execution = await this.#calls.start("batchRun", (id) => {
      this.#parts.expect(id, run);
      this.#isolate.send(message(id));
    });
    // Where another shard ended it, the own part must not wait for what does not come any more.
    void execution.over.then(() => {
      const { abortReason } = execution;
      if (abortReason !== undefined) void this.abort(execution.id, abortReason);
    });
    return execution;
  }

  /** Loads a script that another shard has received, up to its run. @throws as `load` */
  loadPart(message: LoadMessage): Promise<RunRequest> {
    const expected = this.#expectedRun = Promise.withResolvers<RunRequest>();
    const { loadTimeoutMs, executionTimeoutMs } = this.#context.limits;
    const deadline = this.#killAfter(loadTimeoutMs, "loading the script", "loadTimeoutMs");
    this.load(message, executionTimeoutMs).then(() => expected.reject(noRun()), expected.reject);
    return expected.promise.finally(() => deadline[Symbol.dispose]());
  }

  /** Has an exported builder give its plan, for a run that another shard began. */
  prepareExport(exportName: string, body: Uint8Array): Promise<RunRequest> {
    if (!this.isAlive) return Promise.reject(isolateDied());
    return this.#calls.start(
      "part",
      (id) => this.#isolate.send({ type: "runExport", id, exportName, body }),
    );
  }

  /** Starts this shard's part of an execution; the isolate's words about it go to `part`. */
  startPart(
    run: number,
    execution: Execution,
    place: ClusterPosition,
    part: ExecutionPart,
  ): IsolatePort {
    this.#executions.adopt(execution);
    return this.#parts.start(run, execution, place, part);
  }

  /** A run that was prepared does not take place. */
  refuseRun(run: number, reason: PinionError): void {
    this.#isolate.send({ type: "refuse", run, error: reason.toData() });
  }

  /** Says who owns the slots now. Where that needs rights that the isolate lacks, it is retired. */
  setSlots(map: SlotMap): void {
    this.#isolate.useSlots(map);
    if (!this.#isolate.reaches(map.masters.map(({ place }) => place))) this.onRetire();
  }

  /** Resolves when all that its sandbox has said by now has come; also when it is gone. */
  async sync(): Promise<void> {
    if (!this.isAlive) return;
    const synced = Promise.withResolvers<void>();
    this.#syncs.push(synced);
    this.#isolate.send({ type: "sync" });
    await Promise.race([synced.promise, this.ended]);
  }

  /** Says what the registrations of this shard wait for. */
  setListens(patterns: readonly ListenPattern[]): void {
    this.#isolate.send({ type: "listens", patterns });
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

  /** An invocation took too long. */
  async #timeOut(id: number): Promise<void> {
    const { invocationTimeoutMs } = this.#context.limits;
    const reason = tooLong("an invocation", invocationTimeoutMs, "invocationTimeoutMs");
    this.#calls.fail(id, reason);
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
        return this.#load?.resolve(message);
      case "loadFailed":
        return this.#load?.reject(this.#toError(PinionError.fromData(message.error)));
      case "run":
        return this.#run(message);
      case "register":
        return this.#registrations.add(message);
      case "progress":
        this.#parts.get(message.executionId)?.report(message.figures);
        return this.#executions.get(message.executionId)?.report(message.figures);
      case "results":
        if (this.#parts.get(message.executionId)?.results(message.records)) return;
        return void this.#executions.addResults(message.executionId, message.records);
      case "done":
        return this.#done(message);
      case "shuffle":
        return this.#parts.get(message.executionId)
          ?.shuffle(message.shuffle, message.target, message.records);
      case "shuffleEnd":
        return this.#parts.get(message.executionId)?.shuffleEnd(message.shuffle);
      case "took":
        return this.#parts.get(message.executionId)
          ?.took(message.shuffle, message.source, message.bytes);
      case "eventsDone":
        return this.#deliveries.done(message);
      case "triggerReplies":
        return this.#calls.replyToTriggers(message);
      case "triggerReply":
        return this.#triggered(message);
      case "wrote":
      case "adding":
      case "added":
        return this.#context.chains.take(message, this);
      case "synced":
        return this.#syncs.shift()?.resolve();
      case "reply":
        return this.#calls.reply(message.id, message.body);
      case "fetchReply":
        return this.#calls.replyToFetch(message.id, message);
      case "failed":
        return this.#calls.fail(message.id, this.#toError(PinionError.fromData(message.error)));
      case "log":
        return this.#log(message.level, message.message);
      case "warm":
        return;
      default:
        message satisfies never;
    }
  }

  #run(message: Extract<FromSandbox, { type: "run" }>): void {
    const { run, isNested, invocation } = message;
    try {
      const plan = validatePlan(message.plan);
      if (plan.reader.reader === "EventsReader" && invocation === undefined) throw withoutEvents();
      if (this.#isForOtherShard(message)) return this.#prepared(message, plan);
      this.#executions.checkRoom();
      this.admitRun(isNested);
      const mode = this.mode ?? plan.mode;
      const origin = this.#parts.originOf(message, mode, this.#load !== null);
      const execution = this.#executions.create(plan, mode);
      if (invocation !== undefined) this.#calls.startedRun(invocation, execution);
      else if (isNested || this.#load === null) this.#executions.keepInner(execution);
      else this.onExecution(execution);
      if (origin !== null) return void this.#parts.distribute(execution, origin, message);
      execution.start();
      this.#isolate.send({ type: "start", run, executionId: execution.id });
    } catch (error) {
      const refusal = this.#toRefusal(error, message.location);
      if (invocation !== undefined) this.#calls.fail(invocation, refusal);
      else if (!isNested && this.#load !== null) this.#refusal ??= refusal;
      this.#isolate.send({ type: "refuse", run, error: refusal.toData() });
    }
  }

  /** Whether this shard is a worker shard of the run. */
  #isForOtherShard({ isNested, invocation }: Extract<FromSandbox, { type: "run" }>): boolean {
    if (invocation !== undefined) return this.#calls.isPart(invocation);
    return !isNested && this.#expectedRun !== null;
  }

  #prepared({ run, invocation }: Extract<FromSandbox, { type: "run" }>, plan: Plan): void {
    if (invocation !== undefined) return this.#calls.preparedPart(invocation, { run, plan });
    this.#expectedRun?.resolve({ run, plan });
  }

  #done(message: Extract<FromSandbox, { type: "done" }>): void {
    const errors = message.errors.map((text) => this.#context.places?.mapText(text) ?? text);
    if (this.#parts.done(message, errors)) return;
    this.#executions.get(message.executionId)?.finish(message.figures, errors);
    this.#executions.forget(message.executionId);
  }

  #triggered({ id, results, errors }: TriggerReplyMessage): void {
    const { places } = this.#context;
    const texts = errors.length === 0 || places === undefined
      ? errors
      : errors.map((text) => places.mapText(text));
    this.#calls.replyToTrigger(id, results, texts);
  }

  #toRefusal(error: unknown, location: SourceLocation | undefined): PinionError {
    const { code, message, cause } = PinionError.from(error);
    return this.#toError(new PinionError(code, message, { cause, location }));
  }

  #log(level: LogLine["level"], message: string): void {
    for (const text of this.#logGate.admit(message, Date.now())) {
      const line = this.#context.logs.add(this.id, level, text);
      this.#executions.addLog(line);
      this.onLog(line);
    }
  }

  #killAfter(timeoutMs: number, what: string, limit: keyof SessionLimits): Deadline {
    return new Deadline(timeoutMs, () => void this.kill(tooLong(what, timeoutMs, limit)));
  }

  #toError(error: PinionError): PinionError {
    return this.#context.places?.mapError(error) ?? error;
  }

  #end(reason: PinionError): void {
    if (reason.cause !== undefined) this.#context.logs.addFailure(`Session ${this.id}`, reason);
    this.#load?.reject(reason);
    this.#expectedRun?.reject(reason);
    this.#failAll(reason);
  }

  /** Fails every call and execution that is under way. */
  #failAll(reason: PinionError): void {
    this.#calls.failAll(reason);
    this.#deliveries.failAll(reason);
    this.#executions.abortAll(reason);
  }
}

function withoutEvents(): PinionError {
  return new PinionError("BAD_PLAN", "An execution of a registration begins with its events only");
}

function noRun(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    "The script came to its end without the run() that it made on the shard it was sent to",
  );
}

function isolateDied(): PinionError {
  return new PinionError("ISOLATE_DIED", "The isolate of the function died");
}
