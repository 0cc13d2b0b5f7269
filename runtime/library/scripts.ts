/**
 * Runs scripts: RG.TSEXECUTE, `POST /v1/run`, `pinion run`.
 *
 * A script gets a session of its own. It ends with the script's `run()`, or with the script itself
 * where there is none; nothing of it is left. One that registers is kept, as libraries are.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { randomId } from "../../contract/text/random_id.ts";
import type { ScriptOptions, ScriptOutcome } from "../engine/engine.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ExecutionOrigin, PreparedPart } from "../execution/part.ts";
import type { SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import { Deadline } from "../session/deadline.ts";
import { checkImports } from "../session/import_check.ts";
import type { LoadedModule, Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";

/** Name of a script in errors. */
const SCRIPT_FILE = "script.ts";
/** How long an `unblocking` script that goes on after `run()` may still fail the call. */
const UNBLOCKING_GRACE_MS = 100;

/** A script that registers, with what it takes to load it again. */
export interface KeptScript {
  readonly id: string;
  readonly source: string;
  readonly recording: Uint8Array;
  readonly registrations: readonly StoredRegistration[];
  readonly options: ScriptOptions;
}

/** Keeps scripts that register. */
export interface ScriptKeeper {
  /** Whether a session lives on under this id. */
  has(id: string): boolean;
  /** Gives ids to what a script registers that takes the place of others. */
  idFor(plan: RegistrationPlan, replaced: readonly string[]): Promise<string>;
  /** Keeps it on all shards; resolves when its events are taken. @throws as a deploy */
  keep(script: KeptScript): Promise<void>;
}

/** A word of every script that registers: what such a script reads is written down. */
const REGISTERS = /\bregister\b/;

/** See the module. */
export class Scripts {
  readonly #sessions: Sessions;
  readonly #executions: ExecutionStore;
  readonly #limits: SessionLimits;
  readonly #keep: ScriptKeeper;

  constructor(
    parts: {
      sessions: Sessions;
      executions: ExecutionStore;
      limits: SessionLimits;
      /** Where scripts that register go. */
      keep: ScriptKeeper;
    },
  ) {
    this.#sessions = parts.sessions;
    this.#executions = parts.executions;
    this.#limits = parts.limits;
    this.#keep = parts.keep;
  }

  /** See `Engine.runScript`. */
  async run(
    source: string,
    options: ScriptOptions,
    signal?: AbortSignal,
  ): Promise<ScriptOutcome> {
    this.#checkSession(options);
    checkImports(source, SCRIPT_FILE);
    const id = options.id || randomId();
    const session = await this.#sessions.open({
      id,
      description: options.description,
      limits: this.#limits,
      abortPolicy: "kill",
    });
    const replaced = options.replaceWith === undefined ? [id] : [id, options.replaceWith];
    session.registrar = (plan) => this.#keep.idFor(plan, replaced);
    const over = () => session.kill(new PinionError("EXECUTION_ABORTED", "The script is over"));
    const abort = () => void session.kill(callerGone());
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const script = new ScriptRun(session, this.#executions, options);
      const loading = script.load(
        this.#sessions.loadMessage({
          kind: "script",
          fileName: SCRIPT_FILE,
          source,
          env: {},
          mayBeKept: REGISTERS.test(source),
        }),
        this.#limits.executionTimeoutMs,
      );
      const outcome = options.unblocking
        ? await script.begin(loading, over)
        // The caller need not wait for the end of the process.
        : await script.wait(loading).finally(() => void over());
      return await this.#keepScript({ id, source, options }, script.module) ?? outcome;
    } catch (error) {
      await over();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Keeps a script that registers; its own session is over, all shards load it anew. */
  async #keepScript(
    script: Pick<KeptScript, "id" | "source" | "options">,
    module: LoadedModule | null,
  ): Promise<ScriptOutcome | undefined> {
    if (module === null || module.registrations.length === 0) return undefined;
    const { registrations, recording, unreplayable } = module;
    if (recording === undefined) throw cannotKeep(unreplayable);
    await this.#keep.keep({ ...script, registrations, recording });
    return { kind: "registered", registrations: registrations.map(({ id }) => id) };
  }

  /** Loads a script that another shard has received, for this shard's part of its run. */
  async prepare(
    executionId: string,
    { fileName, source }: Extract<ExecutionOrigin, { kind: "script" }>,
    recording: Uint8Array | undefined,
  ): Promise<PreparedPart> {
    checkImports(source, fileName);
    const session = await this.#sessions.open({
      id: executionId,
      limits: this.#limits,
      abortPolicy: "kill",
    });
    try {
      const { run, plan } = await session.loadPart(
        this.#sessions.loadMessage({
          kind: "script",
          fileName,
          source,
          env: {},
          replay: recording ?? new Uint8Array(),
        }),
      );
      return {
        session: executionId,
        plan,
        start: (execution, place, part) => session.startPart(run, execution, place, part),
        release: (reason) => session.kill(reason),
      };
    } catch (error) {
      await session.kill(new PinionError("SCRIPT_FAILED", "The script could not be loaded"));
      throw error;
    }
  }

  /** Source: reference 1.1, "Session existence rules". */
  #checkSession({ id, upgrade, replaceWith }: ScriptOptions): void {
    if (id !== undefined && !/^[A-Za-z0-9_-]*$/.test(id)) {
      throw new PinionError(
        "BAD_OPTION",
        "ID must be compose of: ['A'-'Z' | 'a'-'z' | '0' - '9' | '-' | '_']",
      );
    }
    if (replaceWith !== undefined) {
      if (id !== undefined && this.#keep.has(id)) {
        throw new PinionError(
          "SESSION_EXISTS",
          `Can not replace an existing session ${id} with ${replaceWith}`,
        );
      }
      if (!this.#keep.has(replaceWith)) {
        throw new PinionError(
          "NO_SESSION",
          `Can not replace with ${replaceWith}, session does not exists.`,
        );
      }
    } else if (id !== undefined && !upgrade && this.#keep.has(id)) {
      throw new PinionError("SESSION_EXISTS", `Session ${id} already exists`);
    }
  }
}

/** One script on its way. */
class ScriptRun {
  readonly #session: Session;
  readonly #executions: ExecutionStore;
  readonly #options: ScriptOptions;
  readonly #started = Promise.withResolvers<Execution>();
  #execution: Execution | null = null;
  #runs = 0;
  /** What it is, once it is loaded. */
  module: LoadedModule | null = null;
  /** Whether the caller has the execution's id already. */
  #isAnswered = false;

  constructor(session: Session, executions: ExecutionStore, options: ScriptOptions) {
    this.#session = session;
    this.#executions = executions;
    this.#options = options;
    if (options.onLog) session.onLog = options.onLog;
    session.mode = options.mode;
    session.admitRun = (isNested) => this.#admit(isNested);
    session.onExecution = (execution) => {
      this.#execution = execution;
      if (options.onProgress) execution.watch(options.onProgress);
      this.#started.resolve(execution);
    };
  }

  /** Evaluates the script. @throws what it failed with; a run that it began is aborted then */
  async load(message: Parameters<Session["load"]>[0], timeoutMs: number): Promise<void> {
    try {
      this.module = await this.#session.load(message, timeoutMs);
    } catch (error) {
      this.#forget(PinionError.from(error));
      throw error;
    }
  }

  /** Waits for the script and its run. */
  async wait(loading: Promise<void>): Promise<ScriptOutcome> {
    await loading;
    const execution = this.#execution;
    if (execution === null) return { kind: "ok" };
    await execution.over;
    await execution.gone;
    this.#executions.forget(execution.id);
    return { kind: "done", executionId: execution.id, outcome: execution.finalOutcome() };
  }

  /** Waits until the run has begun; `over` is called when the script is. */
  async begin(loading: Promise<void>, over: () => Promise<void>): Promise<ScriptOutcome> {
    const first = await Promise.race([loading, this.#started.promise]);
    if (first !== undefined) {
      const grace = Promise.withResolvers<void>();
      using _deadline = new Deadline(UNBLOCKING_GRACE_MS, grace.resolve);
      await Promise.race([loading, grace.promise]);
    }
    const execution = this.#execution;
    if (execution === null) {
      await over();
      return { kind: "ok" };
    }
    this.#isAnswered = true;
    Promise.all([loading, execution.over]).catch(() => {}).finally(over);
    return { kind: "started", executionId: execution.id };
  }

  /** Source: reference 1.1: one run at the top level of a script. */
  #admit(isNested: boolean): void {
    if (isNested || this.module !== null || this.#runs++ === 0) return;
    throw new PinionError("BAD_PLAN", "Can not run more then 1 executions in a single script");
  }

  #forget(reason: PinionError): void {
    if (this.#execution === null) return;
    this.#execution.abort(reason);
    if (!this.#isAnswered) this.#executions.forget(this.#execution.id);
  }
}

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The script was stopped: its caller went away");
}

function cannotKeep(why = "what its top level read was not written down"): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot register: ${why}, so the script cannot be loaded again`,
  );
}
