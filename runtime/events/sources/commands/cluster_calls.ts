/**
 * Runs calls of a trigger on all shards: each has the command as a record, and the results of all of
 * them are the reply.
 *
 * Source: reference 2.6. An execution is forgotten when its caller has the reply.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { Execution } from "../../../execution/execution.ts";
import type { ExecutionStore } from "../../../execution/execution_store.ts";
import type { CallReply } from "./call_reply.ts";
import type { CallWays, CommandArgs } from "./command_source.ts";
import { type CallPlace, notStarted } from "./local_calls.ts";

/** See the module. */
export class ClusterCalls implements CallWays<CallReply> {
  readonly #place: CallPlace;
  readonly #executions: ExecutionStore;

  constructor(place: CallPlace, executions: ExecutionStore) {
    this.#place = place;
    this.#executions = executions;
  }

  async run(
    args: CommandArgs,
    signal: AbortSignal | undefined,
    onOver: () => void,
  ): Promise<CallReply> {
    const { observer } = this.#place;
    const startedAt = performance.now();
    observer.began(1);
    const execution = await this.#begin(args).catch((error) => {
      observer.aborted(1);
      onOver();
      throw notStarted(error);
    });
    const over = execution.gone.then(() => {
      this.#executions.forget(execution.id);
      this.#observe(execution, performance.now() - startedAt);
      onOver();
    });
    await untilLeft(over, signal);
    return execution.finalOutcome();
  }

  async #begin(args: CommandArgs): Promise<Execution> {
    const { session, registration } = await this.#place.serve();
    return await session.runEvents({
      registration,
      events: [{ kind: "command", args }],
      depth: 0,
    });
  }

  #observe({ abortReason, outcome: { errors } }: Execution, durationMs: number): void {
    const { observer } = this.#place;
    if (abortReason?.code === "EXECUTION_ABORTED") return observer.aborted(1);
    observer.ended({
      executions: 1,
      failures: errors.length === 0 ? [] : [{ at: 0, errors, isFinal: false }],
      totalDurationMs: durationMs,
      lastDurationMs: durationMs,
      lagMs: durationMs,
    });
  }
}

/** Waits. @throws `EXECUTION_ABORTED` if the caller leaves first */
async function untilLeft(over: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await over;
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(new PinionError("EXECUTION_ABORTED", "The caller went away"));
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    await Promise.race([over, left.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
    left.promise.catch(() => {});
  }
}
