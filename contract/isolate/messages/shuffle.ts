/**
 * Records on their way between the parts that shards have in one execution.
 *
 * ```text
 *   sandbox ── shuffle, shuffleEnd ─► its runtime ─► a peer's runtime ── batch, batchEnd ─► sandbox
 *   sandbox ◄─────────────── credit ── its runtime ◄─ a peer's runtime ◄─────────── took ── sandbox
 * ```
 *
 * @module
 */

import { z } from "zod";
import { bytes, executionId, id } from "../fields.ts";
import { MAX_SHUFFLE_BYTES } from "./message_limits.ts";

/** A batch of shuffle number `shuffle` from shard number `source`. */
const Batch = z.strictObject({
  type: z.literal("batch"),
  executionId,
  shuffle: id,
  source: id,
  records: bytes,
});

/** No more comes from there. */
const BatchEnd = z.strictObject({
  type: z.literal("batchEnd"),
  executionId,
  shuffle: id,
  source: id,
});

/** So many bytes of what was sent to `target` have arrived: as many more may be sent. */
const Credit = z.strictObject({
  type: z.literal("credit"),
  executionId,
  shuffle: id,
  target: id,
  bytes: id,
});

/** A batch of records for shard number `target`. */
const Shuffle = z.strictObject({
  type: z.literal("shuffle"),
  executionId,
  shuffle: id,
  target: id,
  records: bytes.refine((value) => value.byteLength <= MAX_SHUFFLE_BYTES),
});

/** No more goes to any shard. */
const ShuffleEnd = z.strictObject({ type: z.literal("shuffleEnd"), executionId, shuffle: id });

/** A batch of so many bytes from `source` has gone into its stage. */
const Took = z.strictObject({
  type: z.literal("took"),
  executionId,
  shuffle: id,
  source: id,
  bytes: id,
});

/** Batches of other shards, from the runtime to the sandbox. */
export const SHUFFLE_TO_SANDBOX = [Batch, BatchEnd, Credit] as const;
/** Batches for other shards, from the sandbox to the runtime. */
export const SHUFFLE_FROM_SANDBOX = [Shuffle, ShuffleEnd, Took] as const;
