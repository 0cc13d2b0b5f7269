/**
 * Who owns which slots, as numbers of the shards that take part in an execution.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import { PinionError } from "../../errors.ts";
import { SLOT_COUNT, slotTag } from "../../redis/slots.ts";
import type { ClusterPlace } from "../isolate/messages.ts";

/** @throws `REDIS_UNAVAILABLE` where a slot has no owner among `shards` */
export function slotRanges(
  coordinator: Coordinator,
  shards: readonly string[],
): ClusterPlace["slots"] {
  const numbers = new Map(shards.map((id, number) => [id, number]));
  const ranges: [last: number, shard: number][] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const shard = numbers.get(coordinator.ownerOf(slotTag(slot)));
    if (shard === undefined) {
      throw new PinionError(
        "REDIS_UNAVAILABLE",
        `Cannot run on all shards: nobody owns slot ${slot} now; try again when the cluster is whole`,
      );
    }
    const range = ranges.at(-1);
    if (range?.[1] === shard) range[0] = slot;
    else ranges.push([slot, shard]);
  }
  return ranges;
}
