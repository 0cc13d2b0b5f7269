/**
 * The interface to the cluster that one shard and many have in common.
 *
 * `local.ts` implements it for one shard that stands alone, `cluster/cluster_coordinator.ts` for
 * the shards of a cluster, whose runtimes talk over the mesh.
 *
 * @module
 */

import type { Mesh, PeerStats } from "./mesh/mesh.ts";

/** Slots `first` to `last`, both included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/** A Redis server. */
export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** A shard of the topology. */
export interface Shard {
  /** 40 characters. */
  readonly id: string;
  /** Its master. */
  readonly host: string;
  readonly port: number;
  /** Run id of the runtime that acts for it, if one does. */
  readonly runId: string | null;
  /** First and last hash slot of its first range. */
  readonly minSlot: number;
  readonly maxSlot: number;
  /** Messages that wait to be acknowledged by it. */
  readonly pendingMessages: number;
  /** All of its slots, in ascending order. */
  readonly ranges: readonly SlotRange[];
  /** Its replicas that are up. */
  readonly replicas: readonly NodeAddress[];
}

/** Role of a runtime in its shard: it runs functions, or waits to take over from who does. */
export type Role = "acting" | "standby";

/** A runtime as it says of itself. Addresses are null until it listens. */
export interface RuntimeStatus {
  readonly runId: string;
  readonly role: Role;
  /** Fencing epoch of its lease; null where it stands by. */
  readonly epoch: number | null;
  /** Milliseconds until its lease ends if it is not renewed; null where it stands by. */
  readonly leaseMs: number | null;
  /** Milliseconds since it was heard of. */
  readonly silentMs: number;
  readonly mesh: string | null;
  /** `HOST:PORT` */
  readonly resp: string | null;
  readonly http: string | null;
  readonly pid: number;
}

/** A shard with its runtimes. */
export interface ShardStatus extends Shard {
  /** The one that acts first. */
  readonly runtimes: readonly RuntimeStatus[];
  /** Traffic of its acting runtime with the others; null where that did not answer in time. */
  readonly links: readonly PeerStats[] | null;
}

/** This runtime among those of its shard. */
export interface OwnRuntime {
  /** A random id of this run of the process, 40 hex digits. */
  readonly runId: string;
  /** Tells whether it acts for its shard now. */
  readonly role: Role;
  /** Fencing epoch of the lease; null while it stands by. */
  readonly epoch: number | null;
  /** @throws `STANDBY` where this runtime does not act; it says which one does */
  requireActing(): void;
}

/** Looks at the cluster when somebody asks. */
export interface ClusterSurvey {
  /** Reads topology and members anew, now. @throws `REDIS_UNAVAILABLE` */
  refresh(): Promise<void>;
  /** Everything that is known of the cluster; asks the other runtimes for their links. */
  status(): Promise<readonly ShardStatus[]>;
}

/** The cluster as one shard's runtime uses it. */
export interface Coordinator extends AsyncDisposable {
  /**
   * This shard's id: that of its master, or forty zeros where there is one shard. A failover
   * changes it.
   */
  readonly shardId: string;
  /** True if more than one shard takes part in executions. */
  readonly isClustered: boolean;
  /** This runtime, and whether it acts for the shard. */
  readonly runtime: OwnRuntime;
  /** Looks that operators ask for. */
  readonly survey: ClusterSurvey;
  /** Links to the other shards; null where there cannot be others. */
  readonly mesh: Mesh | null;
  /** All shards in the order of their slots, this one included. */
  shards(): readonly Shard[];
  /** Id of the shard that owns a key's slot. @throws `SHARD_LOST` where nobody does */
  ownerOf(key: string | Uint8Array): string;
  /** A short text that hashes to the lowest slot of this shard. */
  hashtag(): string;
  /**
   * Called after shards, slots, members or the own role are other ones. Gives a function that ends
   * the calls.
   */
  onChange(callback: () => void): () => void;
  /**
   * Resolves when the acting runtime of every other shard is linked, so that an execution can
   * begin; at once where that is so.
   *
   * @throws `SHARD_LOST` that names those that are not within `timeoutMs`
   */
  untilLinked(timeoutMs: number, signal?: AbortSignal): Promise<void>;
}
