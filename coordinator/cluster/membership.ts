/**
 * Reads the records of the other shards, in which their runtimes announce themselves.
 *
 * @module
 */

import { readRecord } from "./lease.ts";
import type { NodeClients } from "./node_clients.ts";
import { EMPTY_RECORD, type LivingRuntime, type ShardRecord } from "./shard_record.ts";
import type { ShardTopology } from "./topology.ts";

interface KnownRecord {
  readonly record: ShardRecord;
  /** By our clock. */
  readonly readAt: number;
}

/** Reads which runtimes the other shards have. */
export class Membership {
  readonly #clients: NodeClients;
  #known: ReadonlyMap<string, KnownRecord> = new Map();

  constructor(clients: NodeClients) {
    this.#clients = clients;
  }

  /** Gives the last record of a shard, with its times as they are now. */
  get(shardId: string): ShardRecord {
    const known = this.#known.get(shardId);
    if (known === undefined) return EMPTY_RECORD;
    const { lease, runtimes } = known.record;
    const ageMs = Math.round(performance.now() - known.readAt);
    return {
      lease: lease && { ...lease, remainingMs: lease.remainingMs - ageMs },
      runtimes: runtimes.map((runtime) => ({ ...runtime, silentMs: runtime.silentMs + ageMs })),
    };
  }

  /** Notes the record of a shard that was read elsewhere. */
  note(shardId: string, record: ShardRecord): void {
    this.#known = new Map(this.#known).set(shardId, { record, readAt: performance.now() });
  }

  /**
   * Reads the records of these shards; others are forgotten. What was known stays where a record
   * cannot be read, or where there is none of this shard: its slot has just moved, or came from
   * another shard. The mesh knows better whether a runtime is gone.
   */
  async refresh(shards: readonly ShardTopology[], own: string | undefined): Promise<void> {
    const ids = new Set(shards.map(({ id }) => id));
    const read = await Promise.all(shards.map(async (shard): Promise<KnownRecord | undefined> => {
      if (shard.id === own) return undefined;
      const record = await readRecord(this.#clients, shard).catch(() => null);
      const holderOf = record?.lease?.shardId;
      if (record === null || holderOf === undefined) return undefined;
      if (holderOf !== shard.id && ids.has(holderOf)) return undefined;
      return { record, readAt: performance.now() };
    }));
    const known = new Map<string, KnownRecord>();
    for (const [index, { id }] of shards.entries()) {
      const latest = read[index] ?? this.#known.get(id);
      if (latest !== undefined) known.set(id, latest);
    }
    this.#known = known;
  }
}

/** The runtime that acts for a shard, or did last. */
export function actingRuntime({ lease, runtimes }: ShardRecord): LivingRuntime | undefined {
  return runtimes.find(({ runId }) => runId === lease?.holder);
}
