/**
 * Which shard owns which slots, and where its nodes are: what CLUSTER SLOTS says, as data.
 *
 * @module
 */

import type { SlotRange } from "../coordinator.ts";
import { PinionError } from "../../errors.ts";
import type { RespValue } from "../../redis/resp_decoder.ts";
import { SLOT_COUNT } from "../../redis/slots.ts";

/** A Redis server of the cluster. */
export interface ClusterNode {
  /** 40 hex digits. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** A master with its slots and replicas. It has the id of its master. */
export interface ShardTopology {
  readonly id: string;
  readonly master: ClusterNode;
  /** Those that are up. */
  readonly replicas: readonly ClusterNode[];
  /** At least one, in ascending order. */
  readonly ranges: readonly SlotRange[];
}

/** The shards at one moment, in the order of their slots. Masters without slots are no shards. */
export class Topology {
  readonly shards: readonly ShardTopology[];
  /** Index of the owning shard by slot; -1 where nobody owns it. */
  readonly #owners = new Int16Array(SLOT_COUNT).fill(-1);

  constructor(shards: readonly ShardTopology[]) {
    this.shards = [...shards].sort((a, b) => a.ranges[0].first - b.ranges[0].first);
    this.shards.forEach(({ ranges }, index) => {
      for (const { first, last } of ranges) this.#owners.fill(index, first, last + 1);
    });
  }

  /** The shard with this id. */
  get(shardId: string): ShardTopology | undefined {
    return this.shards.find(({ id }) => id === shardId);
  }

  /** The shard that owns a slot. */
  ownerOf(slot: number): ShardTopology | undefined {
    return this.shards[this.#owners[slot]];
  }

  /** The shard that a node is master or replica of. */
  shardOf(nodeId: string): ShardTopology | undefined {
    return this.shards.find(({ id, replicas }) =>
      id === nodeId || replicas.some((replica) => replica.id === nodeId)
    );
  }

  /** Every node, each master before its replicas. */
  nodes(): ClusterNode[] {
    return this.shards.flatMap(({ master, replicas }) => [master, ...replicas]);
  }

  /** Tells whether both say the same. */
  equals(other: Topology): boolean {
    return JSON.stringify(this.shards) === JSON.stringify(other.shards);
  }
}

/**
 * The topology of a CLUSTER SLOTS reply: `[first, last, [host, port, id, …], [replica…]…]` each.
 *
 * @param askedHost Host of the node that was asked: it does not always know its own.
 * @throws `REDIS_ERROR` where the reply is something else
 */
export function parseClusterSlots(reply: RespValue, askedHost: string): Topology {
  const shards = new Map<string, ShardTopology & { ranges: SlotRange[] }>();
  for (const entry of requireArray(reply)) {
    const [first, last, ...nodes] = requireArray(entry);
    const [master, ...replicas] = nodes.map((node) => parseNode(node, askedHost));
    if (typeof first !== "number" || typeof last !== "number" || master === undefined) {
      throw malformed();
    }
    const known = shards.get(master.id);
    if (known === undefined) {
      replicas.sort((a, b) => a.id < b.id ? -1 : 1);
      shards.set(master.id, { id: master.id, master, replicas, ranges: [{ first, last }] });
    } else known.ranges.push({ first, last });
  }
  for (const { ranges } of shards.values()) ranges.sort((a, b) => a.first - b.first);
  return new Topology([...shards.values()]);
}

function parseNode(value: RespValue, askedHost: string): ClusterNode {
  const [host, port, id] = requireArray(value);
  if (typeof port !== "number" || typeof id !== "string") throw malformed();
  return { id, host: typeof host === "string" && host !== "" ? host : askedHost, port };
}

function requireArray(value: RespValue): readonly RespValue[] {
  if (Array.isArray(value)) return value;
  throw malformed();
}

function malformed(): PinionError {
  return new PinionError("REDIS_ERROR", "Cannot read the topology: CLUSTER SLOTS is malformed");
}
