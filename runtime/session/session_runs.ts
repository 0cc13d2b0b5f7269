/**
 * Runs that a session's code asks for: each is admitted and becomes an execution, or is refused.
 *
 * @module
 */

import type { FromSandbox, ToSandbox } from "../../contract/isolate/messages/messages.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import { validatePlan } from "../../contract/plan/validate.ts";
import { PinionError } from "../../errors.ts";
import type { AuthorErrors } from "./base/author_errors.ts";
import type { ModuleLoad } from "./module_load.ts";
import type { SessionCalls } from "./session_calls.ts";
import type { SessionExecutions } from "./session_executions.ts";
import type { SessionHooks } from "./session_hooks.ts";
import type { SessionParts } from "./session_parts.ts";

type RunMessage = Extract<FromSandbox, { type: "run" }>;

/** Parts of a session that runs go through. */
export interface SessionRunsDeps {
  readonly executions: SessionExecutions;
  readonly calls: SessionCalls;
  readonly parts: SessionParts;
  readonly load: ModuleLoad;
  readonly errors: AuthorErrors;
  readonly hooks: SessionHooks;
  send(message: ToSandbox): void;
}

/** Admits, starts and finishes the runs of one session. */
export class SessionRuns {
  readonly #deps: SessionRunsDeps;

  constructor(deps: SessionRunsDeps) {
    this.#deps = deps;
  }

  /** Admits a run that the sandbox asks for, or refuses it. */
  ask(message: RunMessage): void {
    const { calls, errors, load, send } = this.#deps;
    const { run, isNested, invocation } = message;
    try {
      this.#admit(message, validatePlan(message.plan));
    } catch (error) {
      const refusal = errors.toRefusal(error, message.location);
      if (invocation !== undefined) calls.fail(invocation, refusal);
      else if (!isNested && load.isRunning) load.refuse(refusal);
      send({ type: "refuse", run, error: refusal.toData() });
    }
  }

  /** Finishes an execution, or this shard's part of one. */
  done(message: Extract<FromSandbox, { type: "done" }>): void {
    const { executions, parts } = this.#deps;
    const errors = this.#deps.errors.mapTexts(message.errors);
    if (parts.done(message, errors)) return;
    executions.get(message.executionId)?.finish(message.figures, errors);
    executions.forget(message.executionId);
  }

  #admit(message: RunMessage, plan: Plan): void {
    const { executions, hooks, load, parts } = this.#deps;
    const { isNested, invocation } = message;
    if (plan.reader.reader === "EventsReader" && invocation === undefined) {
      throw refuseWithoutEvents();
    }
    if (this.#isForOtherShard(message)) return this.#prepared(message, plan);
    executions.checkRoom();
    hooks.admitRun?.(isNested);
    const mode = hooks.mode ?? plan.mode;
    const origin = parts.originOf(message, mode, load.isRunning);
    const execution = executions.create(plan, mode);
    if (invocation !== undefined) this.#deps.calls.startedRun(invocation, execution);
    else if (isNested || !load.isRunning) executions.keepInner(execution);
    else hooks.onExecution?.(execution);
    if (origin !== null) return void parts.distribute(execution, origin, message);
    execution.start();
    this.#deps.send({ type: "start", run: message.run, executionId: execution.id });
  }

  /** Tells whether this shard is a worker shard of the run. */
  #isForOtherShard({ isNested, invocation }: RunMessage): boolean {
    if (invocation !== undefined) return this.#deps.calls.isPart(invocation);
    return !isNested && this.#deps.load.isForOtherShard;
  }

  #prepared({ run, invocation }: RunMessage, plan: Plan): void {
    if (invocation === undefined) this.#deps.load.prepared({ run, plan });
    else this.#deps.calls.preparedPart(invocation, { run, plan });
  }
}

function refuseWithoutEvents(): PinionError {
  return new PinionError("BAD_PLAN", "An execution of a registration begins with its events only");
}
