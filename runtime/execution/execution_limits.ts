/**
 * Bounds of distributed executions.
 *
 * @module
 */

import { SHUFFLE_BATCH_BYTES } from "../../contract/isolate/messages/message_limits.ts";

/** Shards that may take part in an execution. */
export const MAX_SHARDS = 1_000;
/** Batches from one shard to another that may be on their way at each hop, for a few shards. */
const WINDOW_BATCHES = 8;
/** Batches that may wait on one shard for all its peers together, where they are many. */
const SHARD_BATCHES = 256;

/** Bytes of one shuffle that may be on their way from one shard to another at each hop. */
export function windowBytes(shards: number): number {
  const batches = Math.floor(SHARD_BATCHES / shards);
  return SHUFFLE_BATCH_BYTES * Math.max(2, Math.min(WINDOW_BATCHES, batches));
}
