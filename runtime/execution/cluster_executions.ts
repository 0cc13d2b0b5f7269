/**
 * The distributed executions that this shard takes part in: begins those that it is asked for, and
 * answers the other shards about theirs.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { type ErrorData, PinionError } from "../../errors.ts";
import type { ConfigStore } from "../base/config_store.ts";
import type { ExecutionShardInfo } from "../../contract/api/execution_info.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionStore } from "./execution_store.ts";
import { Initiator } from "./initiator.ts";
import { MAX_SHARDS } from "./execution_limits.ts";
import type { ExecutionOrigin, PartPort } from "./part.ts";
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
import type { ShuffleLinks } from "./shuffle_links.ts";
import { slotRanges } from "./slot_ranges.ts";
import { WorkerShardPart } from "./worker_shard_part.ts";

/** Services that distributed executions use. */
export interface ClusterExecutionsParts {
  readonly mesh: Mesh;
  readonly coordinator: Coordinator;
  readonly executions: ExecutionStore;
  readonly config: ConfigStore;
  readonly host: PartPort;
  /** Greatest results of an execution, in bytes. */
  readonly resultBytes: number;
}

/** Starts and answers for distributed executions. */
export class ClusterExecutions {
  readonly #parts: ClusterExecutionsParts;
  readonly #initiators = new Map<string, Initiator>();
  readonly #workers = new Map<string, WorkerShardPart>();
  /** Distributed executions that are still in the store of this shard. */
  readonly #known = new Set<string>();

  constructor(parts: ClusterExecutionsParts) {
    this.#parts = parts;
    this.#answer(parts.mesh);
    this.#accept(parts.mesh);
    parts.executions.onForget = (executionId) => this.#forgotten(executionId);
  }

  /** Answers requests of other shards about executions. */
  #answer(mesh: Mesh): void {
    const { executions } = this.#parts;
    const initiator = ({ executionId }: { readonly executionId: string }) =>
      this.#initiator(executionId);
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
      (from, body) => initiator(body).reportOf(from, body.figures),
    );
    mesh.handle(KIND.finished, FinishedBody, (from, body) => initiator(body).finished(from, body));
    mesh.handle(
      KIND.failed,
      FailedBody,
      (from, body) => initiator(body).lost(from, PinionError.fromData(body.error)),
    );
    mesh.handle(KIND.drop, ExecutionBody, (from, { executionId }) => this.#drop(from, executionId));
    mesh.handle(
      KIND.inspect,
      ExecutionBody,
      (_from, { executionId }) => executions.get(executionId).info.shards[0],
    );
  }

  /** Takes channels of other shards, and the loss of one. */
  #accept(mesh: Mesh): void {
    mesh.accept(
      KIND.shuffle,
      ShuffleHeader,
      (from, { executionId, shuffle }, channel) =>
        this.#links(executionId).accept(from, shuffle, channel),
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
  }

  /** Tells whether more than one shard takes part in executions now. */
  get isClustered(): boolean {
    return this.#parts.coordinator.isClustered;
  }

  /**
   * Loads the parts of the other shards. The execution is aborted, there, too, if one of them
   * fails.
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
    if (shards.length > MAX_SHARDS) throw toTooMany(shards.length);
    const idleMs = config.number("ExecutionMaxIdleTime");
    await coordinator.untilLinked(idleMs);
    const initiator = new Initiator({
      ...{ execution, mesh, host, idleMs },
      shards: shards.map(({ id }) => id),
      slots: slotRanges(shards),
    });
    this.#initiators.set(execution.id, initiator);
    this.#known.add(execution.id);
    execution.finished.then(() => this.#initiators.delete(execution.id));
    await initiator.prepare(origin, recording);
    return initiator;
  }

  /**
   * Asks all shards for what they know of an execution; shards that know nothing, or are lost, are
   * left out.
   */
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
    const { executionId } = body;
    if (!isSane(from, mesh.shardId, body) || this.#workers.has(executionId)) {
      throw new PinionError("BAD_ARGUMENT", "Cannot prepare the execution: it is named wrongly");
    }
    const worker = new WorkerShardPart({
      ...{ initiator: from, body, mesh, host, executions, resultBytes },
      untilLinked: (timeoutMs, signal) => coordinator.untilLinked(timeoutMs, signal),
    });
    this.#workers.set(executionId, worker);
    this.#known.add(executionId);
    worker.released.then(() => this.#workers.delete(executionId));
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
    await worker.released;
  }

  #links(executionId: string): ShuffleLinks {
    const part = this.#initiators.get(executionId) ?? this.#workers.get(executionId);
    if (!part?.links) throw unknown();
    return part.links;
  }

  /** The initiator forgot an execution: so does this shard, now or when it is over. */
  #drop(from: string, executionId: string): void {
    if (!executionId.startsWith(`${from}-`)) throw unknown();
    const { executions } = this.#parts;
    const execution = executions.find(executionId);
    void execution?.finished.then(() => executions.forget(executionId));
  }

  #forgotten(executionId: string): void {
    const { mesh } = this.#parts;
    if (!this.#known.delete(executionId) || !executionId.startsWith(`${mesh.shardId}-`)) return;
    for (const shardId of mesh.peers) {
      // A shard that cannot be told drops it when it has too many.
      mesh.request(shardId, KIND.drop, { executionId }).catch(() => {});
    }
  }

  #worker(from: string, { executionId }: { readonly executionId: string }): WorkerShardPart {
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

/** Tells whether a part is named by its initiator, and this shard among its shards. */
function isSane(from: string, own: string, { executionId, shards, slots }: PrepareBody): boolean {
  return executionId.startsWith(`${from}-`) && shards.includes(from) && shards.includes(own) &&
    new Set(shards).size === shards.length && slots.every(([, shard]) => shard < shards.length);
}

function toTooMany(shards: number): PinionError {
  return new PinionError(
    "UNSUPPORTED",
    `Cannot run on ${shards} shards: the most is ${MAX_SHARDS}`,
  );
}
