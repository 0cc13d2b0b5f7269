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
import type { ScriptOptions, ScriptOutcome } from "../../contract/api/script_outcome.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ExecutionOrigin, PreparedPart } from "../execution/part.ts";
import type { SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import { checkImports } from "../session/base/import_check.ts";
import type { SessionModule } from "../session/module_load.ts";
import type { Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import { ScriptRun } from "./script_run.ts";

/** Name of a script in errors. */
const SCRIPT_FILE = "script.ts";

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
  /** Tells whether a session lives on under this id. */
  has(id: string): boolean;
  /** Gives ids to what a script registers that takes the place of others. */
  idFor(plan: RegistrationPlan, replaced: readonly string[]): Promise<string>;
  /** Keeps it on all shards; resolves when its events are taken. @throws as a deploy */
  keep(script: KeptScript): Promise<void>;
}

/** A word of every script that registers: what such a script reads is written down. */
const REGISTERS = /\bregister\b/;

/** Runs scripts, and keeps those that register. */
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
      /** Keeper of scripts that register. */
      keep: ScriptKeeper;
    },
  ) {
    this.#sessions = parts.sessions;
    this.#executions = parts.executions;
    this.#limits = parts.limits;
    this.#keep = parts.keep;
  }

  /** Runs a script. @throws as `ScriptsApi.run` */
  async run(
    source: string,
    options: ScriptOptions,
    signal?: AbortSignal,
  ): Promise<ScriptOutcome> {
    this.#checkSession(options);
    checkImports(source, SCRIPT_FILE);
    const id = options.id || randomId();
    const replaced = options.replaceWith === undefined ? [id] : [id, options.replaceWith];
    const script = new ScriptRun(
      this.#executions,
      options,
      (plan) => this.#keep.idFor(plan, replaced),
    );
    const session = await this.#sessions.open({
      id,
      description: options.description,
      limits: this.#limits,
      abortPolicy: "kill",
      hooks: script.hooks,
    });
    const end = () => session.kill(new PinionError("EXECUTION_ABORTED", "The script is over"));
    const abort = () => void session.kill(callerGone());
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const evaluating = script.evaluate(this.#load(session, source));
      const outcome = options.unblocking
        ? await script.begin(evaluating, end)
        // The caller need not wait for the end of the process.
        : await script.wait(evaluating).finally(() => void end());
      return await this.#keepScript({ id, source, options }, script.module) ?? outcome;
    } catch (error) {
      await end();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #load(session: Session, source: string): Promise<SessionModule> {
    const message = this.#sessions.loadMessage({
      kind: "script",
      fileName: SCRIPT_FILE,
      source,
      env: {},
      mayBeKept: REGISTERS.test(source),
    });
    return session.load(message, this.#limits.executionTimeoutMs);
  }

  /** Keeps a script that registers; its own session is over, all shards load it anew. */
  async #keepScript(
    script: Pick<KeptScript, "id" | "source" | "options">,
    module: SessionModule | null,
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
        start: (execution, place, part) => session.functions.startPart(run, execution, place, part),
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

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The script was stopped: its caller went away");
}

function cannotKeep(why = "what its top level read was not written down"): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot register: ${why}, so the script cannot be loaded again`,
  );
}
