/**
 * Calls of a loaded module: its exports, its registrations, and its parts of distributed runs.
 *
 * @module
 */

import type { FetchReply, FetchRequest } from "../../contract/api/function_call.ts";
import type { RunEventsMessage } from "../../contract/isolate/messages/events.ts";
import type { ClusterPosition } from "../../contract/isolate/messages/execution_messages.ts";
import type { ToSandbox } from "../../contract/isolate/messages/messages.ts";
import { PinionError } from "../../errors.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionPart, IsolatePort } from "../execution/part.ts";
import type { CallAnswers, RunRequest, SessionCalls, TriggerReply } from "./session_calls.ts";
import type { DeliveryRequest, SessionDeliveries } from "./session_deliveries.ts";
import type { SessionExecutions } from "./session_executions.ts";
import type { CalledRun, SessionParts } from "./session_parts.ts";

/** Events of a registration that run over all shards. */
export type EventsRequest = Omit<RunEventsMessage, "type" | "id">;

/** Parts of a session that calls go to. */
export interface SessionFunctionsDeps {
  readonly isolate: { readonly isAlive: boolean; send(message: ToSandbox): void };
  readonly calls: SessionCalls;
  readonly deliveries: SessionDeliveries;
  readonly executions: SessionExecutions;
  readonly parts: SessionParts;
  abort(executionId: string, reason: PinionError): Promise<unknown>;
}

/** Calls the functions of one session. */
export class SessionFunctions {
  readonly #deps: SessionFunctionsDeps;

  constructor(deps: SessionFunctionsDeps) {
    this.#deps = deps;
  }

  /** Calls a function. @throws `FUNCTION_FAILED`, `BAD_BODY`, `LIMIT_*`, `ISOLATE_DIED` */
  invoke(
    exportName: string,
    body: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#call("invocation", (id) => ({ type: "invoke", id, exportName, body }), signal);
  }

  /** Calls `onRegistered` of the registration at a position of the module. @throws as `invoke` */
  async callOnRegistered(registration: number): Promise<void> {
    await this.#call("invocation", (id) => ({ type: "callOnRegistered", id, registration }));
  }

  /** Calls the module's `fetch`. @throws as `invoke` */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<FetchReply> {
    return this.#call("fetch", (id) => ({ type: "fetch", id, ...request }), signal);
  }

  /**
   * Runs events of the registration at a position of the module. Resolves when nothing of them is
   * under way any more; an aborted `signal` ends what has not begun.
   *
   * @throws `LIMIT_*`, `ISOLATE_DIED`; events that were not reported as done may have run in part
   */
  deliver(request: DeliveryRequest, signal?: AbortSignal): Promise<void> {
    if (!this.#deps.isolate.isAlive) return Promise.reject(toIsolateDied());
    return this.#deps.deliveries.start(request, signal);
  }

  /**
   * Runs the registration at a position of the module on a command, given as `[trigger, arg…]`. An
   * aborted `signal` rejects; the run itself goes on, and `onOver` is called when it ends.
   *
   * @throws `LIMIT_*`, `ISOLATE_DIED`, `EXECUTION_ABORTED`
   */
  trigger(
    registration: number,
    args: readonly (string | Uint8Array)[],
    { signal, onOver }: { readonly signal?: AbortSignal; readonly onOver?: () => void } = {},
  ): Promise<TriggerReply> {
    return this.#call(
      "trigger",
      (id) => ({ type: "trigger", id, registration, args }),
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
    return this.#run(
      { kind: "registration", registration, args, depth },
      (id) => ({ type: "runEvents", id, ...request }),
    );
  }

  /** Asks a registration for its plan, for events that another shard runs. */
  prepareEvents(request: EventsRequest): Promise<RunRequest> {
    return this.#call("part", (id) => ({ type: "runEvents", id, ...request }));
  }

  /** Starts an exported builder. @throws `BAD_PLAN`, `BAD_BODY` */
  runExport(exportName: string, body: Uint8Array): Promise<Execution> {
    return this.#run(
      { kind: "library", exportName, body },
      (id) => ({ type: "runExport", id, exportName, body }),
    );
  }

  /** Asks an exported builder for its plan, for a run that another shard began. */
  prepareExport(exportName: string, body: Uint8Array): Promise<RunRequest> {
    return this.#call("part", (id) => ({ type: "runExport", id, exportName, body }));
  }

  /** Starts this shard's part of an execution; the isolate's words about it go to `part`. */
  startPart(
    run: number,
    execution: Execution,
    position: ClusterPosition,
    part: ExecutionPart,
  ): IsolatePort {
    this.#deps.executions.adopt(execution);
    return this.#deps.parts.start(run, execution, position, part);
  }

  /** Gives up a run that was prepared. */
  refuseRun(run: number, reason: PinionError): void {
    this.#deps.isolate.send({ type: "refuse", run, error: reason.toData() });
  }

  /** Starts a run of the module's own, over all shards where there are others. */
  async #run(run: CalledRun, message: (id: number) => ToSandbox): Promise<Execution> {
    const execution = await this.#call("batchRun", (id) => {
      this.#deps.parts.expect(id, run);
      return message(id);
    });
    // Where another shard ended it, the own part must not wait for what does not come any more.
    void execution.finished.then(() => {
      const { abortReason } = execution;
      if (abortReason !== undefined) void this.#deps.abort(execution.id, abortReason);
    });
    return execution;
  }

  #call<Kind extends keyof CallAnswers>(
    kind: Kind,
    message: (id: number) => ToSandbox,
    signal?: AbortSignal,
    onOver?: () => void,
  ): Promise<CallAnswers[Kind]> {
    const { calls, isolate } = this.#deps;
    if (isolate.isAlive) {
      return calls.start(kind, (id) => isolate.send(message(id)), signal, onOver);
    }
    onOver?.();
    return Promise.reject(toIsolateDied());
  }
}

function toIsolateDied(): PinionError {
  return new PinionError("ISOLATE_DIED", "The isolate of the function died");
}
