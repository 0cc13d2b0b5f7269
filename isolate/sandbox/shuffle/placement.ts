/**
 * Says to which shard a record of a shuffle goes.
 *
 * @module
 */

import { keySlot, SLOT_COUNT } from "../../../redis/slots.ts";
import type { StepOf } from "../../../contract/plan/step.ts";
import type { ClusterPosition } from "../../../contract/isolate/messages/execution_messages.ts";

/** The number of the shard for a record with this key. */
export type TargetOf = (key: string) => number;

/** Source: RedisGears 1.2 (reference 3, "Placement"): the shard that owns the slot of the key. */
export function placeRecords(
  step: StepOf<"repartition" | "collect">,
  place: ClusterPosition,
): TargetOf {
  if (step.type === "collect") return () => place.initiator;
  const owners = new Uint16Array(SLOT_COUNT);
  let from = 0;
  for (const [last, shard] of place.slots) {
    owners.fill(shard, from, last + 1);
    from = last + 1;
  }
  return (key) => owners[keySlot(key)];
}

/** The shards that send records to this one in a shuffle, itself included. */
export function listSenders(
  step: StepOf<"repartition" | "collect">,
  place: ClusterPosition,
): number[] {
  if (step.type === "collect" && place.self !== place.initiator) return [];
  return Array.from({ length: place.shards }, (_, shard) => shard);
}
