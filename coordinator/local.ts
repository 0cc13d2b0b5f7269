/**
 * The coordinator of one shard that stands alone.
 *
 * @module
 */

import { SLOT_COUNT, slotTag } from "../redis/slots.ts";
import type { Coordinator, Shard } from "./coordinator.ts";

/** Id of a shard without a cluster, as in RedisGears. */
export const LOCAL_SHARD_ID = "0".repeat(40);

/** See the module. */
export class LocalCoordinator implements Coordinator {
  readonly shardId = LOCAL_SHARD_ID;
  readonly runId = randomId();
  readonly isClustered = false;
  readonly #shard: Shard;

  /** @param address Where the shard's Redis is. */
  constructor(address: { readonly host: string; readonly port: number }) {
    this.#shard = {
      id: LOCAL_SHARD_ID,
      host: address.host,
      port: address.port,
      runId: this.runId,
      minSlot: 0,
      maxSlot: SLOT_COUNT - 1,
      pendingMessages: 0,
    };
  }

  shards(): readonly Shard[] {
    return [this.#shard];
  }

  ownerOf(_key: string): string {
    return this.shardId;
  }

  hashtag(): string {
    return slotTag(0);
  }
}

/** 40 random hex digits. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}
