/**
 * Who is there: reads the records of the other shards, in which their runtimes say so.
 *
 * @module
 */

import { readRecord } from "./lease.ts";
import type { NodeClients } from "./node_clients.ts";
import { EMPTY_RECORD, type LivingRuntime, type ShardRecord } from "./shard_record.ts";
import type { ShardTopology } from "./topology.ts";

/** See the module. */
export class Membership {
  readonly #clients: NodeClients;
  #records: ReadonlyMap<string, ShardRecord> = new Map();

  constructor(clients: NodeClients) {
    this.#clients = clients;
  }

  /** What was last read of a shard. */
  get(shardId: string): ShardRecord {
    return this.#records.get(shardId) ?? EMPTY_RECORD;
  }

  /** Notes the record of a shard that was read elsewhere. */
  note(shardId: string, record: ShardRecord): void {
    this.#records = new Map(this.#records).set(shardId, record);
  }

  /**
   * Reads the records of these shards; others are forgotten. What cannot be read keeps its last
   * value, as the mesh knows better whether a runtime is gone.
   */
  async refresh(shards: readonly ShardTopology[], own: string | undefined): Promise<void> {
    const read = await Promise.all(
      shards.map(({ id }, index) =>
        id === own ? undefined : readRecord(this.#clients, shards[index]).catch(() => undefined)
      ),
    );
    this.#records = new Map(shards.map(({ id }, index) => [id, read[index] ?? this.get(id)]));
  }
}

/** The runtime that acts for a shard, or did last. */
export function actingRuntime({ lease, runtimes }: ShardRecord): LivingRuntime | undefined {
  return runtimes.find(({ runId }) => runId === lease?.holder);
}
