/**
 * The runtimes of a shard as its record tells of them.
 *
 * @module
 */

import type { RuntimeStatus } from "../coordinator.ts";
import type { ShardRecord } from "./shard_record.ts";

/** All of them, the one that acts first. */
export function toRuntimes({ lease, runtimes }: ShardRecord): RuntimeStatus[] {
  const isHeld = lease !== null && lease.remainingMs > 0;
  const all = runtimes.map(({ shardId: _shardId, ...runtime }): RuntimeStatus => {
    const isActing = isHeld && lease.holder === runtime.runId;
    return {
      ...runtime,
      role: isActing ? "acting" : "standby",
      epoch: isActing ? lease.epoch : null,
      leaseMs: isActing ? lease.remainingMs : null,
    };
  });
  return all.sort((a, b) => Number(b.role === "acting") - Number(a.role === "acting"));
}
