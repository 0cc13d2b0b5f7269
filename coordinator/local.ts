/**
 * The coordinator of one shard that stands alone.
 *
 * @module
 */

import { LOCAL_SHARD_ID } from "../contract/text/local_shard_id.ts";
import { randomId } from "../contract/text/random_id.ts";
import { SLOT_COUNT, slotTag } from "../redis/slots.ts";
import type { Coordinator, NodePlace, Role, Shard, ShardStatus } from "./coordinator.ts";

/** See the module. */
export class LocalCoordinator implements Coordinator {
  readonly shardId = LOCAL_SHARD_ID;
  readonly runId = randomId();
  readonly isClustered = false;
  readonly role: Role = "acting";
  readonly epoch = 1;
  readonly mesh = null;
  readonly #shard: Shard;

  /** @param address Where the shard's Redis is. */
  constructor({ host, port }: NodePlace) {
    this.#shard = {
      id: LOCAL_SHARD_ID,
      host,
      port,
      runId: this.runId,
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

  requireActing(): void {}

  async refresh(): Promise<void> {}

  onChange(_callback: () => void): () => void {
    return () => {};
  }

  async untilLinked(): Promise<void> {}

  // deno-lint-ignore require-await
  async status(): Promise<readonly ShardStatus[]> {
    const runtime = {
      runId: this.runId,
      role: this.role,
      epoch: null,
      leaseMs: null,
      silentMs: 0,
      mesh: null,
      resp: null,
      http: null,
      pid: Deno.pid,
    };
    return [{ ...this.#shard, runtimes: [runtime], links: [] }];
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
