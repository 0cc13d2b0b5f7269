/**
 * One script on its way: its module is evaluated, and its run, if it makes one, ends.
 *
 * @module
 */

import type { ScriptOptions, ScriptOutcome } from "../../contract/api/script_outcome.ts";
import { PinionError } from "../../errors.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import { Deadline } from "../session/base/deadline.ts";
import type { SessionModule } from "../session/module_load.ts";
import type { SessionHooks } from "../session/session_hooks.ts";
import type { Registrar } from "../session/session_registrations.ts";

/** Time for which an `unblocking` script that goes on after `run()` may still fail the call. */
const UNBLOCKING_GRACE_MS = 100;

/** Follows a script from its start to its outcome. */
export class ScriptRun {
  /** Hooks for the session that evaluates the script. */
  readonly hooks: SessionHooks;
  readonly #executions: ExecutionStore;
  readonly #started = Promise.withResolvers<Execution>();
  #execution: Execution | null = null;
  #module: SessionModule | null = null;
  #runs = 0;
  /** True if the caller has the execution's id already. */
  #isAnswered = false;

  constructor(
    executions: ExecutionStore,
    { mode, onLog, onProgress }: Pick<ScriptOptions, "mode" | "onLog" | "onProgress">,
    registrar: Registrar,
  ) {
    this.#executions = executions;
    this.hooks = {
      ...{ mode, onLog, registrar },
      admitRun: (isNested) => this.#admit(isNested),
      onExecution: (execution) => {
        this.#execution = execution;
        if (onProgress) execution.watch(onProgress);
        this.#started.resolve(execution);
      },
    };
  }

  /** The module, once it is loaded. */
  get module(): SessionModule | null {
    return this.#module;
  }

  /** Waits for the module. @throws its failure; a run that it began is aborted then */
  async evaluate(loading: Promise<SessionModule>): Promise<void> {
    try {
      this.#module = await loading;
    } catch (error) {
      this.#abort(PinionError.from(error));
      throw error;
    }
  }

  /** Waits for the script and its run. */
  async wait(evaluating: Promise<void>): Promise<ScriptOutcome> {
    await evaluating;
    const execution = this.#execution;
    if (execution === null) return { kind: "ok" };
    await execution.finished;
    await execution.released;
    this.#executions.forget(execution.id);
    return { kind: "done", executionId: execution.id, outcome: execution.finalOutcome() };
  }

  /** Waits until the run has begun; `end` is called when the script is over. */
  async begin(evaluating: Promise<void>, end: () => Promise<void>): Promise<ScriptOutcome> {
    const first = await Promise.race([evaluating, this.#started.promise]);
    if (first !== undefined) {
      const grace = Promise.withResolvers<void>();
      using _deadline = new Deadline(UNBLOCKING_GRACE_MS, grace.resolve);
      await Promise.race([evaluating, grace.promise]);
    }
    const execution = this.#execution;
    if (execution === null) {
      await end();
      return { kind: "ok" };
    }
    this.#isAnswered = true;
    Promise.all([evaluating, execution.finished]).catch(() => {}).finally(end);
    return { kind: "started", executionId: execution.id };
  }

  /** Source: reference 1.1: one run at the top level of a script. */
  #admit(isNested: boolean): void {
    if (isNested || this.#module !== null || this.#runs++ === 0) return;
    throw new PinionError("BAD_PLAN", "Can not run more then 1 executions in a single script");
  }

  #abort(reason: PinionError): void {
    if (this.#execution === null) return;
    this.#execution.abort(reason);
    if (!this.#isAnswered) this.#executions.forget(this.#execution.id);
  }
}
