/**
 * A shard and its runtimes, as topology and the shard's record tell of them.
 *
 * @module
 */

import type { RuntimeStatus, Shard } from "../coordinator.ts";
import type { ShardRecord } from "./shard_record.ts";
import type { ShardTopology } from "./topology.ts";

/** Facts of a shard that its topology does not hold. */
export interface ShardFacts {
  /** Id for the engine. */
  readonly id: string;
  readonly record: ShardRecord;
  /** Run id of this runtime, where it is the one that acts for the shard. */
  readonly ownRunId: string | null;
  readonly pendingMessages: number;
}

/** The shard as the engine sees it. */
export function toShard(
  { master, ranges, replicas }: ShardTopology,
  { id, record, ownRunId, pendingMessages }: ShardFacts,
): Shard {
  const [{ first, last }] = ranges;
  return {
    id,
    host: master.host,
    port: master.port,
    runId: ownRunId ?? holderOf(record),
    minSlot: first,
    maxSlot: last,
    pendingMessages,
    ranges,
    replicas: replicas.map(({ host, port }) => ({ host, port })),
  };
}

/** All runtimes of a shard, the one that acts first. */
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

function holderOf({ lease }: ShardRecord): string | null {
  return lease !== null && lease.remainingMs > 0 ? lease.holder : null;
}
