/**
 * Runs that the module's code has asked for: until the runtime has answered, and while they run.
 *
 * ```text
 *  ask ──► requested ──► start ──► running ──► over
 *                   └──► refuse
 * ```
 *
 * @module
 */

import { type ErrorData, PinionError } from "../../../errors.ts";
import type { CompiledPlan } from "../../../sdk/compile.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { RunResult } from "../../../sdk/host.ts";
import type { FromSandbox } from "../../../contract/isolate/messages/messages.ts";
import type { StartMessage } from "../../../contract/isolate/messages/execution_messages.ts";
import { sendToRuntime } from "../base/border.ts";
import { findExecution, runInExecution } from "../base/execution_scope.ts";
import type { Guest } from "../guest/guest.ts";
import type { HappenedEvents } from "../readers/happened_events.ts";
import type { TopLevel } from "../top_level/top_level.ts";
import type { Registered } from "./registered.ts";
import { SandboxExecution } from "./sandbox_execution.ts";

/** The parts of a session that its runs use. */
export interface RunsDeps {
  readonly guest: Pick<Guest, "errors" | "fuse">;
  readonly topLevel: TopLevel;
  readonly registered: Registered;
  /** The record of a ShardsIDReader. */
  readonly shardId: () => string;
  /** Resolves when every command that the code has given has its reply. */
  settled(): Promise<void>;
}

/** The reason for a run that no author's code asks for. */
export interface RunOrigin {
  /** Number of the runtime's message that it answers. */
  readonly invocation: number;
  /** Records of an EventsReader. */
  readonly happened?: HappenedEvents;
}

interface Requested {
  readonly compiled: CompiledPlan;
  readonly happened: HappenedEvents | undefined;
  /** Number of registrations whose writes led to it; undefined where no event did. */
  readonly depth: number | undefined;
  resolve(result: RunResult<unknown>): void;
  reject(error: Error): void;
}

/** Asks the runtime for runs, and runs those that it agrees to. */
export class Runs {
  readonly #deps: RunsDeps;
  readonly #requested = new Map<number, Requested>();
  readonly #executions = new Map<string, SandboxExecution>();
  #nextRun = 0;
  /** The reason why `run()` is not possible now; undefined where it is. */
  #refusal: string | undefined;

  constructor(deps: RunsDeps) {
    this.#deps = deps;
  }

  /** True once any run was asked for. */
  get hasAny(): boolean {
    return this.#nextRun > 0;
  }

  /** Makes `run()` throw `reason`, or possible again. */
  refuseAll(reason: string | undefined): void {
    this.#refusal = reason;
  }

  /** Asks for a run; the promise is of its results. @throws GearsError where none is possible */
  ask(compiled: CompiledPlan, origin?: RunOrigin): Promise<RunResult<unknown>> {
    if (this.#refusal !== undefined) throw new GearsError(this.#refusal);
    const { topLevel, registered } = this.#deps;
    if (topLevel.isRunning && registered.size > 0) throw refuseBoth();
    const run = this.#nextRun++;
    const happened = origin?.happened;
    // What a run within an execution writes is the execution's.
    const depth = happened?.depth ?? findExecution()?.depth;
    const result = new Promise<RunResult<unknown>>((resolve, reject) =>
      this.#requested.set(run, { compiled, happened, depth, resolve, reject })
    );
    // An author may leave the promise alone, as in the first line of every example.
    result.catch(() => {});
    this.#send(this.#toRequest(run, compiled, origin?.invocation));
    return result;
  }

  #toRequest(run: number, { plan }: CompiledPlan, invocation: number | undefined): RunRequest {
    const location = invocation === undefined ? this.#deps.guest.errors.findPlace() : undefined;
    const isNested = findExecution() !== undefined;
    return {
      ...{ type: "run", run, plan, isNested },
      ...(invocation !== undefined && { invocation }),
      ...(location && { location }),
    };
  }

  #send(request: RunRequest): void {
    if (request.isNested || !this.#deps.topLevel.isLoading) sendToRuntime(request);
    else void this.#sendFromTopLevel(request);
  }

  /** Asks for the run that the module's top level wants, with what it has read before. */
  async #sendFromTopLevel(request: RunRequest): Promise<void> {
    const { guest, topLevel } = this.#deps;
    try {
      sendToRuntime({ ...request, ...await topLevel.end() });
    } catch (error) {
      sendToRuntime({ type: "loadFailed", error: guest.errors.toData(error, "SCRIPT_FAILED") });
    }
  }

  /** Runs what the runtime agreed to. */
  async start({ run, executionId, cluster }: StartMessage): Promise<void> {
    const requested = this.#requested.get(run);
    if (requested === undefined) return;
    this.#requested.delete(run);
    const { guest, shardId, settled } = this.#deps;
    const { compiled, happened, depth } = requested;
    const execution = new SandboxExecution(compiled, {
      ...{ executionId, guest, cluster, depth, settled, shardId: shardId() },
      ...(happened && { events: happened.events }),
    });
    this.#executions.set(executionId, execution);
    const result = await runInExecution(execution.scope, () => execution.run());
    happened?.finish(!execution.scope.isAborted && result.errors.length === 0);
    requested.resolve(result);
    this.#executions.delete(executionId);
  }

  /** Fails a run that the runtime refused. */
  refuse(run: number, error: ErrorData): void {
    const requested = this.#requested.get(run);
    requested?.happened?.finish(false);
    requested?.reject(PinionError.fromData(error));
    this.#requested.delete(run);
  }

  /** An execution that runs here. */
  execution(executionId: string): SandboxExecution | undefined {
    return this.#executions.get(executionId);
  }
}

type RunRequest = Extract<FromSandbox, { type: "run" }>;

/** Makes the error of a module that registers and runs. */
export function refuseBoth(): GearsError {
  return new GearsError(
    "A script can register() or run(), not both: what registers is loaded again at every start",
  );
}
