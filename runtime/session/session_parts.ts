/**
 * The distributed executions that a session's isolate runs a part of.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { ExecutionMode } from "../../contract/plan/plan.ts";
import type { Execution } from "../execution/execution.ts";
import type { ExecutionOrigin, ExecutionPart, IsolatePort } from "../execution/part.ts";
import type { ClusterPosition } from "../../contract/isolate/messages/execution_messages.ts";
import type { FromSandbox, ToSandbox } from "../../contract/isolate/messages/messages.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import type { SessionContext } from "./base/session_context.ts";
import type { SessionExecutions } from "./session_executions.ts";

type RunMessage = Extract<FromSandbox, { type: "run" }>;

/** A call's run on all shards, but for the version of the library. */
export type CalledRun =
  | Omit<Extract<ExecutionOrigin, { kind: "library" }>, "name" | "hash">
  | Omit<Extract<ExecutionOrigin, { kind: "registration" }>, "name" | "hash">;

interface OpenPart {
  readonly part: ExecutionPart;
  /** True if the isolate has done with it. */
  isDone: boolean;
}

/** Keeps a session's parts of distributed executions. */
export class SessionParts {
  readonly #sessionId: string;
  readonly #context: SessionContext;
  readonly #executions: SessionExecutions;
  readonly #send: (message: ToSandbox) => void;
  readonly #parts = new Map<string, OpenPart>();
  /** Exported builders and events that are about to run, by the number of their call. */
  readonly #called = new Map<number, CalledRun>();
  #module: LoadMessage | null = null;

  constructor(
    sessionId: string,
    context: SessionContext,
    executions: SessionExecutions,
    send: (message: ToSandbox) => void,
  ) {
    this.#sessionId = sessionId;
    this.#context = context;
    this.#executions = executions;
    this.#send = send;
  }

  /** The module that is being loaded: other shards may have to load it, too. */
  setModule(message: LoadMessage): void {
    this.#module = message;
  }

  /** Exported builder or events of a call are about to run. */
  expect(call: number, run: CalledRun): void {
    if (this.#context.cluster?.isClustered) this.#called.set(call, run);
  }

  /**
   * Finds the code of a run for other shards; null where they take no part in it.
   *
   * @param isLoading Whether the module's top level runs.
   * @throws `BAD_PLAN` where they should take part and cannot
   */
  originOf(run: RunMessage, mode: ExecutionMode, isLoading: boolean): ExecutionOrigin | null {
    const { invocation } = run;
    const called = invocation === undefined ? undefined : this.#called.get(invocation);
    if (invocation !== undefined) this.#called.delete(invocation);
    if (mode !== "async" || !this.#context.cluster?.isClustered || this.#module === null) {
      return null;
    }
    const { kind, fileName, source } = this.#module;
    if (called !== undefined) {
      return { ...called, name: this.#sessionId, hash: this.#context.version ?? "" };
    }
    if (run.isNested || !isLoading || kind !== "script") throw isInner();
    if (run.recording === undefined) throw cannotReplay(run.unreplayable);
    return { kind: "script", fileName, source };
  }

  /** Has all shards run an execution. Never rejects: what fails aborts it. */
  async distribute(execution: Execution, origin: ExecutionOrigin, run: RunMessage): Promise<void> {
    try {
      const initiator = await this.#context.cluster!.prepare(execution, origin, run.recording);
      initiator.begin(this.start(run.run, execution, initiator.place, initiator));
    } catch (error) {
      const reason = PinionError.from(error);
      execution.abort(reason);
      this.#executions.forget(execution.id);
      this.#send({ type: "refuse", run: run.run, error: reason.toData() });
    }
  }

  /** Starts this shard's part. */
  start(
    run: number,
    execution: Execution,
    place: ClusterPosition,
    part: ExecutionPart,
  ): IsolatePort {
    const executionId = execution.id;
    const open = { part, isDone: false };
    this.#parts.set(executionId, open);
    execution.finished.then(() => {
      if (open.isDone) this.#forget(executionId);
    });
    execution.start();
    this.#send({ type: "start", run, executionId, cluster: place });
    return {
      batch: (shuffle, source, records) =>
        this.#send({ type: "batch", executionId, shuffle, source, records }),
      batchEnd: (shuffle, source) => this.#send({ type: "batchEnd", executionId, shuffle, source }),
      credit: (shuffle, target, bytes) =>
        this.#send({ type: "credit", executionId, shuffle, target, bytes }),
      remoteResults: (source, records) => {
        const areResults = this.#executions.addResults(executionId, records, source);
        if (areResults) this.#send({ type: "remoteResults", executionId, records });
      },
      complete: (errors) => this.#send({ type: "complete", executionId, errors }),
    };
  }

  /** The part that the isolate speaks of; undefined where the execution is this shard's alone. */
  get(executionId: string): ExecutionPart | undefined {
    return this.#parts.get(executionId)?.part;
  }

  /** The isolate has done its part. False where the execution is this shard's alone. */
  done(message: Extract<FromSandbox, { type: "done" }>, errors: readonly string[]): boolean {
    const open = this.#parts.get(message.executionId);
    if (open === undefined) return false;
    open.isDone = true;
    open.part.done(message.figures, errors);
    if (this.#executions.get(message.executionId)?.isFinished) this.#forget(message.executionId);
    return true;
  }

  #forget(executionId: string): void {
    this.#parts.delete(executionId);
    this.#executions.forget(executionId);
  }
}

function isInner(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    "Cannot run on all shards from inside of a function: its variables are on this one only; run " +
      'at the top level of a script, export the builder and invoke it, or run with { mode: "async_local" }',
  );
}

function cannotReplay(why = "it called run() when its top level was over"): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot run the script on all shards: ${why}; run with { mode: "async_local" }`,
  );
}
