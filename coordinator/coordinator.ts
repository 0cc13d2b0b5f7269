/**
 * What the runtime needs to know of the cluster: the face that one shard and many have in common.
 *
 * `local.ts` implements it for one shard. The cluster's implementation adds the mesh behind the same
 * face; nothing above this folder changes with it.
 *
 * @module
 */

/** A shard of the topology. */
export interface Shard {
  /** 40 characters. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly runId: string | null;
  /** First and last hash slot of its first range. */
  readonly minSlot: number;
  readonly maxSlot: number;
  /** Messages that wait to be acknowledged by it. */
  readonly pendingMessages: number;
}

/** See the module. */
export interface Coordinator {
  /** This shard's id: forty zeros where there is no cluster. */
  readonly shardId: string;
  /** A random id of this run of the process, 40 hex digits. */
  readonly runId: string;
  /** True if more than one shard takes part in executions. */
  readonly isClustered: boolean;
  /** All shards, this one included. */
  shards(): readonly Shard[];
  /** Id of the shard that owns a key's slot. */
  ownerOf(key: string): string;
  /** A short text that hashes to the lowest slot of this shard. */
  hashtag(): string;
}
