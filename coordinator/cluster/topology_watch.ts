/**
 * Keeps the topology as the cluster has it now, and knows which of its shards is this runtime's.
 *
 * @module
 */

import type { NodeAddress } from "../coordinator.ts";
import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespError } from "../../redis/resp_decoder.ts";
import type { NodeClients } from "./node_clients.ts";
import { parseClusterSlots, type ShardTopology, Topology } from "./topology.ts";

/**
 * A seed that does not answer in time when a runtime starts is slow: it was reached just before.
 */
const START_ATTEMPTS = 5;

/** Keeps the topology up to date and finds this runtime's shard in it. */
export class TopologyWatch {
  /** Called after the topology or the own shard is another one. */
  onChange: () => void = () => {};
  readonly #seed: RedisAddress;
  readonly #clients: NodeClients;
  #topology = new Topology([]);
  /** Id of the node that the runtime was started beside. */
  #seedId = "";
  #home: ShardTopology | null = null;
  /** Ids of the nodes of the own shard when it was last seen. */
  #homeNodes: readonly string[] = [];
  #refreshing: Promise<void> | null = null;

  /** @param seed The node that the runtime was started beside: master or replica of its shard. */
  constructor(seed: RedisAddress, clients: NodeClients) {
    this.#seed = seed;
    this.#clients = clients;
  }

  get topology(): Topology {
    return this.#topology;
  }

  /**
   * This runtime's shard: that of the node it was started beside, or, once that is gone, that of a
   * former replica of it. Null while that node is a master without slots.
   */
  get home(): ShardTopology | null {
    return this.#home;
  }

  /** Id of the node that the runtime was started beside. */
  get seedId(): string {
    return this.#seedId;
  }

  /** Reads it for the first time, from the seed. @throws `REDIS_UNAVAILABLE`, `REDIS_ERROR` */
  async start(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#readSeed();
      } catch (error) {
        const isSlow = error instanceof PinionError && error.code === "REDIS_UNAVAILABLE";
        if (!isSlow || attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  async #readSeed(): Promise<void> {
    this.#seedId = String(await this.#clients.of(this.#seed).ask("CLUSTER", "MYID"));
    this.#take(await this.#read(this.#seed, false));
  }

  /**
   * Asks the own master, and all other known nodes where that does not answer or has lost the rest.
   * What is known stays where nobody answers. Calls that overlap are one.
   *
   * @throws `REDIS_UNAVAILABLE`
   */
  refresh(): Promise<void> {
    return this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = null);
  }

  async #refresh(): Promise<void> {
    const first: NodeAddress = this.#home?.master ?? this.#seed;
    try {
      this.#take(await this.#read(first, true));
    } catch {
      const others = [this.#seed, ...this.#topology.nodes()]
        .filter(({ host, port }) => host !== first.host || port !== first.port);
      try {
        this.#take(await Promise.any(others.map((node) => this.#read(node, true))));
      } catch (cause) {
        throw new PinionError(
          "REDIS_UNAVAILABLE",
          "The topology cannot be read: no node of the cluster answers that it is whole",
          { cause },
        );
      }
    }
  }

  /** @param whole Whether a node that takes the cluster for broken is refused. */
  async #read(node: NodeAddress, whole: boolean): Promise<Topology> {
    const [info, slots] = await this.#clients.of(node)
      .askAll([["CLUSTER", "INFO"], ["CLUSTER", "SLOTS"]]);
    for (const reply of [info, slots]) {
      if (!(reply instanceof RespError)) continue;
      throw new PinionError("REDIS_ERROR", `Cannot read the topology: ${reply.message}`);
    }
    if (whole && !String(info).includes("cluster_state:ok")) {
      throw new PinionError("REDIS_UNAVAILABLE", "The node takes the cluster for broken");
    }
    return parseClusterSlots(slots, node.host);
  }

  #take(topology: Topology): void {
    const home = topology.shardOf(this.#seedId) ??
      topology.shards.find(({ id }) => this.#homeNodes.includes(id)) ?? null;
    const isSame = topology.equals(this.#topology) && home?.id === this.#home?.id;
    if (isSame) return;
    this.#topology = topology;
    this.#home = home;
    if (home !== null) this.#homeNodes = [home.master, ...home.replicas].map(({ id }) => id);
    this.#clients.keep([this.#seed, ...topology.nodes()]);
    this.onChange();
  }
}
