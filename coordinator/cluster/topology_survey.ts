/**
 * Surveys the cluster: reads its topology, then who is there, and tells of both.
 *
 * @module
 */

import type { ClusterSurvey, OwnRuntime, Shard, ShardStatus } from "../coordinator.ts";
import type { HomeShard } from "./home_shard.ts";
import type { Membership } from "./membership.ts";
import type { PeerGuide } from "./peer_guide.ts";
import { toRuntimes, toShard } from "./shard_status.ts";
import type { TopologyWatch } from "./topology_watch.ts";

/** Parts of a survey. */
export interface TopologySurveyDeps {
  readonly watch: TopologyWatch;
  readonly home: HomeShard;
  readonly membership: Membership;
  readonly runtime: OwnRuntime;
  readonly peers: PeerGuide;
  /** Told why the topology could not be read. */
  readonly onFailure: (error: unknown) => void;
  /** Called after each round. */
  readonly onSurveyed: () => void;
}

/** Reads and shows which shards there are, and which runtimes they have. */
export class TopologySurvey implements ClusterSurvey {
  readonly #deps: TopologySurveyDeps;

  constructor(deps: TopologySurveyDeps) {
    this.#deps = deps;
  }

  /** One round: the topology, then who is there. Never rejects. */
  async look(): Promise<void> {
    const { watch, membership, onFailure, onSurveyed } = this.#deps;
    await watch.refresh().catch(onFailure);
    await membership.refresh(watch.topology.shards, watch.home?.id);
    onSurveyed();
  }

  async refresh(): Promise<void> {
    await this.#deps.watch.refresh();
    await this.look();
  }

  /** As `Coordinator.shards`. */
  shards(): readonly Shard[] {
    const { watch, home, membership, runtime, peers } = this.#deps;
    const stats = new Map(peers.stats().map((peer) => [peer.shardId, peer]));
    return watch.topology.shards.map((shard) =>
      toShard(shard, {
        id: home.nameOf(shard.id),
        record: membership.get(shard.id),
        ownRunId: shard.id === watch.home?.id && runtime.epoch !== null ? runtime.runId : null,
        pendingMessages: stats.get(shard.id)?.unacknowledged ?? 0,
      })
    );
  }

  async status(): Promise<readonly ShardStatus[]> {
    const { watch, membership, peers } = this.#deps;
    await membership.refresh(watch.topology.shards, undefined);
    return await Promise.all(
      this.shards().map(async (shard): Promise<ShardStatus> => ({
        ...shard,
        runtimes: toRuntimes(membership.get(shard.id)),
        links: await peers.linksOf(shard.id),
      })),
    );
  }
}
