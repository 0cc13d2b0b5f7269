/**
 * Owners of the slots, as isolates are told.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { SlotMap } from "../../../contract/isolate/messages/host_messages.ts";

/** The slot map of now; null while nobody owns any. */
export function readSlots(coordinator: Coordinator): SlotMap | null {
  const shards = coordinator.shards();
  const own = shards.find(({ id }) => id === coordinator.shardId) ?? shards.at(0);
  if (own === undefined) return null;
  return {
    own: { host: own.host, port: own.port },
    masters: shards.map(({ host, port, ranges }) => ({
      place: { host, port },
      ranges: ranges.map(({ first, last }) => [first, last] as const),
    })),
  };
}
