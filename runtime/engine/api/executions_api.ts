/**
 * Use cases of executions: RG.GETRESULTS and its like, `/v1/executions`.
 *
 * @module
 */

import type {
  ExecutionInfo,
  ExecutionOutcome,
  ExecutionProgress,
  ExecutionScope,
  ExecutionSummary,
} from "../../../contract/api/execution_info.ts";
import { PinionError } from "../../../errors.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";
import type { Sessions } from "../../session/sessions.ts";

/** Lists, watches, aborts and drops executions. */
export class ExecutionsApi {
  readonly #executions: ExecutionStore;
  readonly #sessions: Sessions;
  readonly #shardId: () => string;

  /** @param shardId Gives the shard that ids of own executions begin with. */
  constructor(executions: ExecutionStore, sessions: Sessions, shardId: () => string) {
    this.#executions = executions;
    this.#sessions = sessions;
    this.#shardId = shardId;
  }

  /** Executions of this shard, also those that are over and kept. */
  list(): ExecutionSummary[] {
    return this.#executions.list();
  }

  /**
   * All that is known of an execution. `shards` holds those that know it.
   *
   * @param scope Default: all shards in a cluster, this one otherwise.
   * @throws `NO_EXECUTION`
   */
  async get(id: string, scope?: ExecutionScope): Promise<ExecutionInfo> {
    const { cluster } = this.#sessions;
    if (scope === "shard" || cluster === null || !cluster.isClustered) {
      return this.#executions.get(id).info;
    }
    const shards = await cluster.inspect(id);
    return { ...this.#executions.get(id).info, shards };
  }

  /** Results of one that is over. @throws `NO_EXECUTION`, `EXECUTION_RUNNING` */
  results(id: string): ExecutionOutcome {
    const execution = this.#executions.get(id);
    if (execution.isFinished) return execution.outcome;
    throw new PinionError("EXECUTION_RUNNING", "execution is still running");
  }

  /** Resolves once the execution is done or aborted. @throws `NO_EXECUTION` */
  async waitForResults(id: string, signal?: AbortSignal): Promise<ExecutionOutcome> {
    const execution = this.#executions.get(id);
    await waitUnlessAborted(execution.finished, signal);
    return execution.outcome;
  }

  /** Calls back until the execution is over, then resolves. @throws `NO_EXECUTION` */
  async watch(
    id: string,
    onProgress: (progress: ExecutionProgress) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const execution = this.#executions.get(id);
    onProgress(execution.progress);
    const stop = execution.watch(onProgress);
    try {
      await waitUnlessAborted(execution.finished, signal);
    } finally {
      stop();
    }
  }

  /** Resolves when nothing of it runs any more; done ones are left alone. @throws `NO_EXECUTION` */
  async abort(id: string): Promise<void> {
    const { cluster } = this.#sessions;
    const isOwn = cluster === null || id.startsWith(`${this.#shardId()}-`);
    if (!isOwn) return await cluster.abortElsewhere(id);
    const execution = this.#executions.get(id, "execution does not exist");
    if (!execution.isFinished) await this.#sessions.abort(id);
    await execution.released;
  }

  /** Forgets one that is over. @throws `NO_EXECUTION`, `EXECUTION_RUNNING` */
  drop(id: string): void {
    this.#executions.drop(id);
  }
}

/** Waits for `promise`. @throws `EXECUTION_ABORTED` if `signal` says that nobody waits any more */
async function waitUnlessAborted(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return await promise;
  const left = Promise.withResolvers<never>();
  const abort = () => left.reject(new PinionError("EXECUTION_ABORTED", "The caller went away"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, left.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
