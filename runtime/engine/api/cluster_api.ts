/**
 * Use cases of the topology: RG.INFOCLUSTER, RG.REFRESHCLUSTER, `GET /v1/cluster`.
 *
 * @module
 */

import type {
  ClusterInfo,
  ClusterStatus,
  ShardNode,
} from "../../../contract/api/cluster_status.ts";
import type { Coordinator, Shard } from "../../../coordinator/coordinator.ts";

/** Shows the cluster as this shard knows it. */
export class ClusterApi {
  readonly #coordinator: Coordinator;

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  /** The topology as it was read last. */
  info(): ClusterInfo {
    return this.#describe(this.#coordinator.shards().map(toNode));
  }

  /** Asks the other runtimes; those that do not answer within a second are left out. */
  async status(): Promise<ClusterStatus> {
    const shards = await this.#coordinator.survey.status();
    return this.#describe(
      shards.map(({ ranges, replicas, runtimes, links, ...shard }) => ({
        ...toNode(shard),
        ...{ ranges, replicas, runtimes, links },
      })),
    );
  }

  /** Reads the topology anew, now. @throws `REDIS_UNAVAILABLE` */
  async refresh(): Promise<void> {
    await this.#coordinator.survey.refresh();
  }

  #describe<S>(shards: readonly S[]) {
    const { isClustered, runtime, shardId } = this.#coordinator;
    return { clustered: isClustered, myId: shardId, myRunId: runtime.runId, shards };
  }
}

/** A shard as RG.INFOCLUSTER has it. */
function toNode(shard: Omit<Shard, "ranges" | "replicas">): ShardNode {
  return {
    id: shard.id,
    ip: shard.host,
    port: shard.port,
    runId: shard.runId,
    minHslot: shard.minSlot,
    maxHslot: shard.maxSlot,
    pendingMessages: shard.pendingMessages,
  };
}
