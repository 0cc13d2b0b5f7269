/**
 * The topology with everything that is known of its runtimes: RG.INFOCLUSTER, `GET /v1/cluster`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** A shard of the cluster as RG.INFOCLUSTER shows it. */
export const ShardNode = z.object({
  id: z.string(),
  ip: z.string(),
  port: z.int(),
  runId: z.string().nullable(),
  minHslot: z.int(),
  maxHslot: z.int(),
  pendingMessages: z.int(),
});
/** Data of {@linkcode ShardNode}. */
export type ShardNode = Data<typeof ShardNode>;

/** A runtime of a shard. Addresses are null until it listens. */
export const RuntimeInfo = z.object({
  runId: z.string(),
  role: z.enum(["acting", "standby"]),
  /** Fencing epoch of its lease, and milliseconds until that ends; null where it stands by. */
  epoch: z.int().nullable(),
  leaseMs: z.int().nullable(),
  /** Milliseconds since it was heard of. */
  silentMs: z.int(),
  mesh: z.string().nullable(),
  resp: z.string().nullable(),
  http: z.string().nullable(),
  pid: z.int(),
});
/** Data of {@linkcode RuntimeInfo}. */
export type RuntimeInfo = Data<typeof RuntimeInfo>;

/** Traffic of one runtime with another. */
export const LinkStatus = z.object({
  /** The other's shard. */
  shardId: z.string(),
  isLinked: z.boolean(),
  sentBytes: z.int(),
  sentFrames: z.int(),
  receivedBytes: z.int(),
  receivedFrames: z.int(),
  reconnects: z.int(),
  unacknowledged: z.int(),
});
/** Data of {@linkcode LinkStatus}. */
export type LinkStatus = Data<typeof LinkStatus>;

/** A shard with its runtimes, the one that acts first. */
export const ShardNodeStatus = ShardNode.extend({
  ranges: z.array(z.object({ first: z.int(), last: z.int() })),
  replicas: z.array(z.object({ host: z.string(), port: z.int() })),
  runtimes: z.array(RuntimeInfo),
  /** Null where its acting runtime did not answer. */
  links: z.array(LinkStatus).nullable(),
});
/** Data of {@linkcode ShardNodeStatus}. */
export type ShardNodeStatus = Data<typeof ShardNodeStatus>;

/** `GET /v1/cluster`. `clustered` is false on one shard. */
export const ClusterStatus = z.object({
  clustered: z.boolean(),
  myId: z.string(),
  myRunId: z.string(),
  shards: z.array(ShardNodeStatus),
});
/** Data of {@linkcode ClusterStatus}. */
export type ClusterStatus = Data<typeof ClusterStatus>;

/** The topology alone. On one shard RG.INFOCLUSTER says `no cluster mode` instead. */
export interface ClusterInfo extends Omit<ClusterStatus, "shards"> {
  readonly shards: readonly ShardNode[];
}
