/**
 * The coordinator of one shard that stands alone.
 *
 * @module
 */

import { LOCAL_SHARD_ID } from "../contract/text/local_shard_id.ts";
import { randomId } from "../contract/text/random_id.ts";
import { SLOT_COUNT, slotTag } from "../redis/slots.ts";
import type {
  ClusterSurvey,
  Coordinator,
  NodeAddress,
  OwnRuntime,
  Shard,
  ShardStatus,
} from "./coordinator.ts";

/** Coordinates a shard without a cluster: it always acts, and owns every key. */
export class LocalCoordinator implements Coordinator {
  readonly shardId = LOCAL_SHARD_ID;
  readonly isClustered = false;
  readonly runtime: OwnRuntime = {
    runId: randomId(),
    role: "acting",
    epoch: 1,
    requireActing: () => {},
  };
  readonly survey: ClusterSurvey = {
    refresh: () => Promise.resolve(),
    status: () => Promise.resolve([this.#status()]),
  };
  readonly mesh = null;
  readonly #shard: Shard;

  /** @param address Where the shard's Redis is. */
  constructor({ host, port }: NodeAddress) {
    this.#shard = {
      id: LOCAL_SHARD_ID,
      host,
      port,
      runId: this.runtime.runId,
      minSlot: 0,
      maxSlot: SLOT_COUNT - 1,
      pendingMessages: 0,
      ranges: [{ first: 0, last: SLOT_COUNT - 1 }],
      replicas: [],
    };
  }

  shards(): readonly Shard[] {
    return [this.#shard];
  }

  ownerOf(_key: string | Uint8Array): string {
    return this.shardId;
  }

  hashtag(): string {
    return slotTag(0);
  }

  onChange(_callback: () => void): () => void {
    return () => {};
  }

  async untilLinked(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #status(): ShardStatus {
    const { runId, role } = this.runtime;
    const runtime = {
      runId,
      role,
      epoch: null,
      leaseMs: null,
      silentMs: 0,
      mesh: null,
      resp: null,
      http: null,
      pid: Deno.pid,
    };
    return { ...this.#shard, runtimes: [runtime], links: [] };
  }
}
