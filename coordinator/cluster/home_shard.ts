/**
 * This runtime's shard among those of the topology: its names, its place, and who owns which keys.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { keySlot, slotTag } from "../../redis/slots.ts";
import type { NodeAddress } from "../coordinator.ts";
import { LOCAL_SHARD_ID } from "../../contract/text/local_shard_id.ts";
import type { ShardTopology } from "./topology.ts";
import type { TopologyWatch } from "./topology_watch.ts";

/** Tells what the topology of now means for this runtime's shard. */
export class HomeShard {
  readonly #watch: TopologyWatch;

  constructor(watch: TopologyWatch) {
    this.#watch = watch;
  }

  /** The shard as the topology has it; null while its node has no slots. */
  get topology(): ShardTopology | null {
    return this.#watch.home;
  }

  /** Id of the shard for the engine: forty zeros where it is the only one. */
  get shardId(): string {
    return this.nameOf(this.meshId);
  }

  /** Id of this shard among the runtimes, also where it is the only one. */
  get meshId(): string {
    return this.#watch.home?.id ?? this.#watch.seedId;
  }

  /** Address of the shard's master now; undefined while it has no slots. */
  get master(): NodeAddress | undefined {
    return this.#watch.home?.master;
  }

  /** Host of the node that the runtime was started beside, as the cluster knows it. */
  get ownHost(): string {
    const { topology, seedId, home } = this.#watch;
    const own = topology.nodes().find(({ id }) => id === seedId) ?? home?.master;
    return own?.host ?? "127.0.0.1";
  }

  get isClustered(): boolean {
    return this.#watch.topology.shards.length > 1;
  }

  /** Tells whether the cluster has one node only, as far as is known. */
  get isAlone(): boolean {
    return this.#watch.topology.nodes().length < 2;
  }

  /** Ids of the other shards, in the order of their slots. */
  otherIds(): string[] {
    const { topology, home } = this.#watch;
    return topology.shards.map(({ id }) => id).filter((id) => id !== home?.id);
  }

  /** Id for the engine of a shard with this id. */
  nameOf(id: string): string {
    return this.isClustered ? id : LOCAL_SHARD_ID;
  }

  /** As `Coordinator.ownerOf`. */
  ownerOf(key: string | Uint8Array): string {
    const slot = keySlot(key);
    const owner = this.#watch.topology.ownerOf(slot);
    if (owner !== undefined) return this.nameOf(owner.id);
    throw new PinionError("SHARD_LOST", `No shard of the cluster owns the slot ${slot}`);
  }

  /** As `Coordinator.hashtag`. */
  hashtag(): string {
    return slotTag(this.#watch.home?.ranges[0].first ?? 0);
  }
}
