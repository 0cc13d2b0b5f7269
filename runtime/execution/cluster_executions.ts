/**
 * The distributed executions that this shard takes part in: begins those that it is asked for, and
 * answers the other shards about theirs.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import type { IncomingChannel, Mesh } from "../../coordinator/mesh/mesh.ts";
import { type ErrorData, PinionError } from "../../errors.ts";
import type { ConfigStore } from "../base/config_store.ts";
import type { ExecutionShardInfo } from "../engine/engine.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionStore } from "./execution_store.ts";
import { Initiator } from "./initiator.ts";
import { MAX_SHARDS } from "./execution_limits.ts";
import type { ExecutionOrigin, PartHost } from "./part.ts";
import {
  AbortBody,
  ExecutionBody,
  FailedBody,
  FinishedBody,
  KIND,
  PrepareBody,
  ReportBody,
  ResultsHeader,
  ShardReply,
  ShuffleHeader,
} from "./protocol.ts";
import { slotRanges } from "./slot_ranges.ts";
import { Worker } from "./worker_shard_part.ts";

/** What distributed executions need of the runtime. */
export interface ClusterExecutionsParts {
  readonly mesh: Mesh;
  readonly coordinator: Coordinator;
  readonly executions: ExecutionStore;
  readonly config: ConfigStore;
  readonly host: PartHost;
  /** Greatest results of an execution, in bytes. */
  readonly resultBytes: number;
}

/** See the module. */
export class ClusterExecutions {
  readonly #parts: ClusterExecutionsParts;
  readonly #initiators = new Map<string, Initiator>();
  readonly #workers = new Map<string, Worker>();
  /** Distributed executions that are still in the store of this shard. */
  readonly #known = new Set<string>();

  constructor(parts: ClusterExecutionsParts) {
    this.#parts = parts;
    const { mesh, executions } = parts;
    mesh.handle(KIND.prepare, PrepareBody, (from, body) => this.#prepare(from, body));
    mesh.handle(KIND.start, ExecutionBody, (from, body) => this.#worker(from, body).start());
    mesh.handle(
      KIND.terminate,
      ExecutionBody,
      (from, body) => this.#worker(from, body).terminate(),
    );
    mesh.handle(KIND.abort, AbortBody, (from, body) => this.#abort(from, body));
    mesh.handle(
      KIND.report,
      ReportBody,
      (from, { executionId, figures }) => this.#initiator(executionId).reportOf(from, figures),
    );
    mesh.handle(
      KIND.finished,
      FinishedBody,
      (from, body) => this.#initiator(body.executionId).finished(from, body),
    );
    mesh.handle(
      KIND.failed,
      FailedBody,
      (from, { executionId, error }) =>
        this.#initiator(executionId).failed(from, PinionError.fromData(error)),
    );
    mesh.handle(KIND.drop, ExecutionBody, (from, { executionId }) => this.#drop(from, executionId));
    mesh.handle(
      KIND.inspect,
      ExecutionBody,
      (_from, { executionId }) => executions.get(executionId).info.shards[0],
    );
    mesh.accept(
      KIND.shuffle,
      ShuffleHeader,
      (from, { executionId, shuffle }, channel) =>
        this.#takeShuffle(from, executionId, shuffle, channel),
    );
    mesh.accept(
      KIND.results,
      ResultsHeader,
      (from, { executionId }, channel) =>
        void this.#initiator(executionId).takeResults(from, channel),
    );
    mesh.onPeerLost((shardId, reason) => {
      for (const part of [...this.#initiators.values(), ...this.#workers.values()]) {
        part.lost(shardId, reason);
      }
    });
    executions.onForget = (executionId) => this.#forgotten(executionId);
  }

  /** Whether more than one shard takes part in executions now. */
  get isClustered(): boolean {
    return this.#parts.coordinator.isClustered;
  }

  /**
   * Loads the parts of the other shards. The execution is aborted, there, too, if one of them fails.
   *
   * @throws what it failed with, and the shard's name
   */
  async prepare(
    execution: Execution,
    origin: ExecutionOrigin,
    recording: Uint8Array | undefined,
  ): Promise<Initiator> {
    const { mesh, coordinator, config, host } = this.#parts;
    const shards = coordinator.shards();
    if (shards.length > MAX_SHARDS) {
      throw new PinionError(
        "UNSUPPORTED",
        `Cannot run on ${shards.length} shards: the most is ${MAX_SHARDS}`,
      );
    }
    const idleMs = config.number("ExecutionMaxIdleTime");
    await coordinator.untilLinked(idleMs);
    const initiator = new Initiator({
      execution,
      mesh,
      host,
      shards: shards.map(({ id }) => id),
      slots: slotRanges(shards),
      idleMs,
    });
    this.#initiators.set(execution.id, initiator);
    this.#known.add(execution.id);
    execution.over.then(() => this.#initiators.delete(execution.id));
    await initiator.prepare(origin, recording);
    return initiator;
  }

  /** What all shards know of an execution; shards that know nothing, or are lost, are left out. */
  async inspect(executionId: string): Promise<ExecutionShardInfo[]> {
    const { mesh, executions, coordinator } = this.#parts;
    const own = executions.find(executionId)?.info.shards[0];
    const signal = AbortSignal.timeout(this.#parts.config.number("ExecutionMaxIdleTime"));
    const others = coordinator.shards().filter(({ id }) => id !== mesh.shardId);
    const replies = await Promise.allSettled(
      others.map(({ id }) => mesh.request(id, KIND.inspect, { executionId }, signal)),
    );
    const known = replies.filter((reply) => reply.status === "fulfilled")
      .map(({ value }) => ShardReply.parse(value));
    return [...(own === undefined ? [] : [own]), ...known];
  }

  /**
   * Has the shard that began an execution abort it. Resolves when nothing of it runs any more.
   *
   * @throws `NO_EXECUTION`, `SHARD_LOST`
   */
  async abortElsewhere(executionId: string): Promise<void> {
    const { mesh, coordinator } = this.#parts;
    const initiator = executionId.slice(0, executionId.lastIndexOf("-"));
    const isOther = initiator !== mesh.shardId &&
      coordinator.shards().some(({ id }) => id === initiator);
    if (!isOther) throw new PinionError("NO_EXECUTION", "execution does not exist");
    await mesh.request(initiator, KIND.abort, { executionId });
  }

  /** Called where a user's wish to abort comes from another shard. */
  onAbort: (executionId: string) => Promise<void> = () => Promise.resolve();

  async #prepare(from: string, body: PrepareBody): Promise<void> {
    const { mesh, host, executions, resultBytes, coordinator } = this.#parts;
    const { executionId, shards } = body;
    const isSane = executionId.startsWith(`${from}-`) && shards.includes(from) &&
      shards.includes(mesh.shardId) && new Set(shards).size === shards.length &&
      body.slots.every(([, shard]) => shard < shards.length);
    if (!isSane || this.#workers.has(executionId)) {
      throw new PinionError("BAD_ARGUMENT", "Cannot prepare the execution: it is named wrongly");
    }
    const worker = new Worker({
      initiator: from,
      body,
      mesh,
      host,
      executions,
      untilLinked: (timeoutMs, signal) => coordinator.untilLinked(timeoutMs, signal),
      resultBytes,
    });
    this.#workers.set(executionId, worker);
    this.#known.add(executionId);
    worker.gone.then(() => this.#workers.delete(executionId));
    await worker.prepare();
  }

  async #abort(
    from: string,
    { executionId, reason }: { executionId: string; reason?: ErrorData },
  ): Promise<void> {
    if (reason === undefined) return await this.onAbort(executionId);
    const worker = this.#workers.get(executionId);
    if (worker?.initiator !== from) return;
    worker.abort(PinionError.fromData(reason));
    await worker.gone;
  }

  #takeShuffle(
    from: string,
    executionId: string,
    shuffle: number,
    channel: IncomingChannel,
  ): void {
    const links = this.#initiators.get(executionId)?.links ??
      this.#workers.get(executionId)?.links ?? undefined;
    if (links === undefined) throw unknown();
    links.accept(from, shuffle, channel);
  }

  /** The initiator forgot an execution: so does this shard, now or when it is over. */
  #drop(from: string, executionId: string): void {
    if (!executionId.startsWith(`${from}-`)) throw unknown();
    const { executions } = this.#parts;
    const execution = executions.find(executionId);
    void execution?.over.then(() => executions.forget(executionId));
  }

  #forgotten(executionId: string): void {
    const { mesh } = this.#parts;
    if (!this.#known.delete(executionId) || !executionId.startsWith(`${mesh.shardId}-`)) return;
    for (const shardId of mesh.peers) {
      // A shard that cannot be told drops it when it has too many.
      mesh.request(shardId, KIND.drop, { executionId }).catch(() => {});
    }
  }

  #worker(from: string, { executionId }: { readonly executionId: string }): Worker {
    const worker = this.#workers.get(executionId);
    if (worker?.initiator !== from) throw unknown();
    return worker;
  }

  #initiator(executionId: string): Initiator {
    const initiator = this.#initiators.get(executionId);
    if (initiator === undefined) throw unknown();
    return initiator;
  }
}

function unknown(): PinionError {
  return new PinionError("NO_EXECUTION", "execution plan does not exist");
}
