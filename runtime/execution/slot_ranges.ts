/**
 * Owners of slots, as numbers of the shards that take part in an execution.
 *
 * @module
 */

import type { Shard } from "../../coordinator/coordinator.ts";
import { PinionError } from "../../errors.ts";
import { SLOT_COUNT } from "../../redis/slots.ts";
import type { ClusterPosition } from "../../contract/isolate/messages/execution_messages.ts";

/**
 * @param shards In the order of their numbers.
 * @throws `SHARD_LOST` where a slot has no owner
 */
export function slotRanges(shards: readonly Shard[]): ClusterPosition["slots"] {
  const owners = shards.flatMap(({ ranges }, shard) => ranges.map((range) => ({ ...range, shard })))
    .sort((a, b) => a.first - b.first);
  let next = 0;
  for (const { first, last } of owners) {
    if (first !== next) break;
    next = last + 1;
  }
  if (next === SLOT_COUNT) return owners.map(({ last, shard }) => [last, shard]);
  throw new PinionError(
    "SHARD_LOST",
    `Cannot run on all shards: none of them owns slot ${next} now; try again when the cluster is whole`,
  );
}
