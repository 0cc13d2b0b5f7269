/**
 * A real Redis cluster with a runtime beside each shard, as the place of tests that run anywhere.
 *
 * @module
 */

import { NodeClient } from "../../redis/link/node_client.ts";
import { RespError, type RespValue } from "../../redis/resp_decoder.ts";
import type { RespArgument } from "../../redis/resp_encoder.ts";
import { keySlot, SLOT_COUNT } from "../../redis/slots.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import type { ExecutionOutcome } from "../../contract/api/execution_info.ts";
import type { ScriptOptions } from "../../contract/api/script_outcome.ts";
import { startCluster, type TestCluster, type TestClusterOptions } from "./start_cluster.ts";
import type { TestPlace } from "./test_place.ts";

/** Deletes every key but the runtime's own. */
const CLEAR = `for _, key in ipairs(redis.call("KEYS", "*")) do
  if string.sub(key, 1, 10) ~= "__pinion:{" then redis.call("UNLINK", key) end
end`;

/** See the module. The first shard is the one that is asked to run things. */
export class ClusterPlace implements TestPlace, AsyncDisposable {
  readonly cluster: TestCluster;
  readonly #clients: readonly NodeClient[];

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.#clients = cluster.redis.masters.map(({ server }) =>
      new NodeClient(server.address, { timeoutMs: 10_000 })
    );
  }

  get engine(): Engine {
    return this.cluster.shards[0].engine;
  }

  get logs(): readonly string[] {
    return this.cluster.logs;
  }

  get redisPort(): number {
    return this.cluster.redis.masters[0].server.address.port;
  }

  run(source: string, options?: ScriptOptions): Promise<ExecutionOutcome> {
    return this.cluster.run(source, options);
  }

  async results(source: string): Promise<readonly unknown[]> {
    const { results, errors } = await this.run(source);
    if (errors.length > 0) throw new Error(`The script had errors: ${errors.join("\n")}`);
    return results;
  }

  async ask(...command: readonly RespArgument[]): Promise<RespValue> {
    const [reply] = await this.pipeline([command]);
    if (reply instanceof RespError) throw reply;
    return reply;
  }

  async pipeline(commands: readonly (readonly RespArgument[])[]): Promise<RespValue[]> {
    const replies: RespValue[] = new Array(commands.length);
    const owners = commands.map(([, key]) => this.ownerOf(String(key)));
    await Promise.all(this.#clients.map(async (client, index) => {
      const places = [...commands.keys()].filter((place) => owners[place] === index);
      const answers = await client.askAll(places.map((place) => commands[place]));
      for (const [at, place] of places.entries()) replies[place] = answers[at];
    }));
    return replies;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.ask("EVAL", CLEAR, 0)));
  }

  /** Number of the shard that owns a key, as the cluster was set up. */
  ownerOf(key: string): number {
    const { length } = this.#clients;
    const slot = keySlot(key);
    return this.#clients.findIndex((_, shard) =>
      slot < Math.round((shard + 1) * SLOT_COUNT / length)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** Starts a cluster with a runtime beside each shard. */
export async function startClusterPlace(options?: TestClusterOptions): Promise<ClusterPlace> {
  return new ClusterPlace(await startCluster(options));
}
