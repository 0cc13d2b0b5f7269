/**
 * Connections to the nodes of the cluster, one each, opened when first used.
 *
 * @module
 */

import type { NodeAddress } from "../coordinator.ts";
import { NodeClient } from "../../redis/link/node_client.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespError, type RespValue } from "../../redis/resp_decoder.ts";
import type { RespArgument } from "../../redis/resp_encoder.ts";

/** Opens and keeps one connection for each node. All nodes take the credentials of the first. */
export class NodeClients implements Disposable {
  readonly #seed: RedisAddress;
  readonly #clients = new Map<string, NodeClient>();

  constructor(seed: RedisAddress) {
    this.#seed = seed;
  }

  /** The connection to a node. */
  of({ host, port }: NodeAddress): NodeClient {
    const place = `${host} ${port}`;
    let client = this.#clients.get(place);
    if (client === undefined) {
      client = new NodeClient({ ...this.#seed, host, port, db: 0 }, { name: "pinion-cluster" });
      this.#clients.set(place, client);
    }
    return client;
  }

  /**
   * Runs a command with one key at a node. While the key's slot is on its way to another node, the
   * command is run where the node sends it.
   *
   * @throws RespError (`MOVED` too), `REDIS_UNAVAILABLE`
   */
  async ask(node: NodeAddress, command: readonly RespArgument[]): Promise<RespValue> {
    try {
      return await this.of(node).ask(...command);
    } catch (error) {
      const target = error instanceof RespError ? parseRedirection(error, "ASK", node.host) : null;
      if (target === null) throw error;
      const [, reply] = await this.of(target).askAll([["ASKING"], command]);
      if (reply instanceof RespError) throw reply;
      return reply;
    }
  }

  /** Closes the connections to all nodes but these. */
  keep(nodes: readonly NodeAddress[]): void {
    const places = new Set(nodes.map(({ host, port }) => `${host} ${port}`));
    for (const [place, client] of this.#clients) {
      if (places.has(place)) continue;
      client[Symbol.dispose]();
      this.#clients.delete(place);
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client[Symbol.dispose]();
  }
}

/** Parses `MOVED slot host:port` or `ASK slot host:port`; null for any other error. */
export function parseRedirection(
  error: RespError,
  kind: "MOVED" | "ASK",
  askedHost: string,
): NodeAddress | null {
  const match = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error.message);
  if (match === null || match[1] !== kind) return null;
  return { host: match[2] === "" ? askedHost : match[2], port: Number(match[3]) };
}
