/**
 * A session: one isolate with one loaded module, and everything that runs in it.
 *
 * When the isolate dies, every execution and invocation of the session ends with the reason.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { LogLine } from "../../contract/api/log_entry.ts";
import type { Isolate } from "../../isolate/process/isolate.ts";
import { ABORT_GRACE_MS, type SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import type { SlotMap } from "../../contract/isolate/messages/host_messages.ts";
import type { ToSandbox } from "../../contract/isolate/messages/messages.ts";
import { AuthorErrors } from "./base/author_errors.ts";
import { Deadline } from "./base/deadline.ts";
import { tooLong } from "./base/limit_errors.ts";
import { LogGate } from "./base/log_gate.ts";
import { ModuleLoad, type SessionModule } from "./module_load.ts";
import { type RunRequest, SessionCalls } from "./session_calls.ts";
import type { SessionContext } from "./base/session_context.ts";
import { SessionDeliveries } from "./session_deliveries.ts";
import { SessionExecutions } from "./session_executions.ts";
import { SessionFunctions } from "./session_functions.ts";
import type { SessionHooks } from "./session_hooks.ts";
import { type MessageTakers, takeMessage } from "./session_messages.ts";
import { SessionParts } from "./session_parts.ts";
import { SessionRegistrations } from "./session_registrations.ts";
import { SessionRuns } from "./session_runs.ts";

/** Treatment of the isolate when an execution of it is aborted. */
export type AbortPolicy =
  /** Kills it: a script has nothing else to do. */
  | "kill"
  /** Lets it live on if its code lets go in time. */
  | "grace";

/** Options of a session. */
export interface SessionPolicy {
  readonly abortPolicy: AbortPolicy;
  readonly hooks?: SessionHooks;
}

/** One isolate with one loaded module. */
export class Session {
  readonly id: string;
  /** Calls of the loaded module. */
  readonly functions: SessionFunctions;
  /** Called when nothing new should begin here: its CPU time or its rights do not suffice. */
  onExhausted: () => void = () => {};
  readonly #isolate: Isolate;
  readonly #context: SessionContext;
  readonly #abortPolicy: AbortPolicy;
  readonly #hooks: SessionHooks;
  readonly #logGate: LogGate;
  readonly #syncs: PromiseWithResolvers<void>[] = [];
  readonly #load: ModuleLoad;
  readonly #executions: SessionExecutions;
  readonly #calls: SessionCalls;
  readonly #parts: SessionParts;
  readonly #deliveries: SessionDeliveries;
  #isRetired = false;

  constructor(
    id: string,
    isolate: Isolate,
    context: SessionContext,
    { abortPolicy, hooks = {} }: SessionPolicy,
  ) {
    const send = (message: ToSandbox) => isolate.send(message);
    const abort = (executionId: string, reason: PinionError) => this.abort(executionId, reason);
    const errors = new AuthorErrors(context.places);
    this.id = id;
    this.#isolate = isolate;
    this.#context = context;
    this.#abortPolicy = abortPolicy;
    this.#hooks = hooks;
    this.#logGate = new LogGate(context.limits.logLinesPerSecond);
    const calls = this.#calls = new SessionCalls(context.limits, (call) => void this.#expire(call));
    const executions = this.#executions = new SessionExecutions(id, context, abort);
    const parts = this.#parts = new SessionParts(id, context, executions, send);
    const deliveries = this.#deliveries = new SessionDeliveries({
      executionTimeoutMs: context.limits.executionTimeoutMs,
      send,
      mapText: (text) => errors.mapText(text),
      onExpired: (reason) => void this.#killForOne(reason),
    });
    const registrations = new SessionRegistrations(send, errors, hooks.registrar);
    const load = this.#load = new ModuleLoad(registrations);
    const functionDeps = { isolate, calls, deliveries, executions, parts, abort };
    this.functions = new SessionFunctions(functionDeps);
    const takers: MessageTakers = {
      ...{ load, registrations, executions, parts, deliveries, calls, errors, writer: this },
      ...{ chains: context.chains, log: (...line) => this.#log(...line) },
      runs: new SessionRuns({ executions, calls, parts, load, errors, hooks, send }),
      synced: () => this.#syncs.shift()?.resolve(),
    };
    isolate.onMessage = (message) => takeMessage(takers, message);
    isolate.limit(context.limits, () => this.onExhausted());
    isolate.ended.then((reason) => this.#end(reason));
  }

  /** Resolves with the reason when the isolate is gone. */
  get ended(): Promise<PinionError> {
    return this.#isolate.ended;
  }

  get isAlive(): boolean {
    return this.#isolate.isAlive;
  }

  /** Tells whether another session has taken its place. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Another session has taken its place: it ends when nothing runs in it any more. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Number of executions, calls and deliveries under way. */
  get activity(): number {
    return this.#executions.size + this.#calls.size + this.#deliveries.size;
  }

  /** Loads the module. @throws `SCRIPT_*`, `BAD_IMPORT`, `LIMIT_*`, `ISOLATE_DIED` */
  async load(message: LoadMessage, timeoutMs: number): Promise<SessionModule> {
    if (!this.isAlive) throw await this.ended;
    using _deadline = message.kind === "script" && !message.isKept
      ? this.#killAfter(timeoutMs, "the script", "executionTimeoutMs")
      : this.#killAfter(timeoutMs, "loading the module", "loadTimeoutMs");
    this.#parts.setModule(message);
    return await this.#load.begin(() => this.#isolate.send(message));
  }

  /** Loads a script that another shard has received, up to its run. @throws as `load` */
  async loadPart(message: LoadMessage): Promise<RunRequest> {
    const { loadTimeoutMs, executionTimeoutMs } = this.#context.limits;
    using _deadline = this.#killAfter(loadTimeoutMs, "loading the script", "loadTimeoutMs");
    return await this.#load.beginPart(() => this.load(message, executionTimeoutMs));
  }

  /**
   * Says who owns the slots now. Where that needs rights that the isolate lacks, it is exhausted.
   */
  setSlots(map: SlotMap): void {
    this.#isolate.useSlots(map);
    if (!this.#isolate.reaches(map.masters.map(({ place }) => place))) this.onExhausted();
  }

  /** Passes on settings of RG.CONFIGSET, and the keys that registrations of this shard wait for. */
  tell(message: Extract<ToSandbox, { type: "config" | "listens" }>): void {
    this.#isolate.send(message);
  }

  /** Resolves when all that its sandbox has said by now has come; also when it is gone. */
  async sync(): Promise<void> {
    if (!this.isAlive) return;
    const synced = Promise.withResolvers<void>();
    this.#syncs.push(synced);
    this.#isolate.send({ type: "sync" });
    await Promise.race([synced.promise, this.ended]);
  }

  /**
   * Ends an execution; resolves when nothing of it runs any more.
   *
   * @returns false where it does not run here
   */
  async abort(executionId: string, reason: PinionError): Promise<boolean> {
    const execution = this.#executions.get(executionId);
    if (execution === undefined) return false;
    execution.abort(reason);
    if (this.#abortPolicy === "kill") await this.kill(reason);
    else await this.#letGo(executionId, reason);
    return true;
  }

  /** Kills the isolate. Resolves when the process is gone. */
  async kill(reason: PinionError): Promise<void> {
    await this.#isolate.kill(reason);
  }

  /** Asks the sandbox to end an execution, and kills the isolate where it does not in time. */
  async #letGo(executionId: string, reason: PinionError): Promise<void> {
    const forgotten = this.#executions.whenForgotten(executionId);
    this.#isolate.send({ type: "abort", executionId });
    const expired = Promise.withResolvers<void>();
    using _deadline = new Deadline(ABORT_GRACE_MS, expired.resolve);
    await Promise.race([forgotten, expired.promise]);
    if (this.#executions.get(executionId) !== undefined) await this.#killForOne(reason);
  }

  /** Ends an invocation that took too long. */
  async #expire(id: number): Promise<void> {
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

  #log(level: LogLine["level"], message: string): void {
    for (const text of this.#logGate.admit(message, Date.now())) {
      const line = this.#context.logs.add(this.id, level, text);
      this.#executions.addLog(line);
      this.#hooks.onLog?.(line);
    }
  }

  #killAfter(timeoutMs: number, what: string, limit: keyof SessionLimits): Deadline {
    return new Deadline(timeoutMs, () => void this.kill(tooLong(what, timeoutMs, limit)));
  }

  #end(reason: PinionError): void {
    if (reason.cause !== undefined) this.#context.logs.addFailure(`Session ${this.id}`, reason);
    this.#load.end(reason);
    this.#failAll(reason);
  }

  /** Fails every call and execution that is under way. */
  #failAll(reason: PinionError): void {
    this.#calls.failAll(reason);
    this.#deliveries.failAll(reason);
    this.#executions.abortAll(reason);
  }
}
