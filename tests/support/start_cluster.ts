/**
 * A real Redis cluster with a runtime beside each master for one test, gone at its end.
 *
 * @module
 */

import { buildIsolate } from "../../tools/build/bundle_isolate.ts";
import { ask, ManagedCluster, type ManagedClusterOptions } from "../../servers/managed_cluster.ts";
import type { RespValue } from "../../redis/resp_decoder.ts";
import type { RespArgument } from "../../redis/resp_encoder.ts";
import type { ShardOptions } from "../../runtime/base/config.ts";
import type { ExecutionOutcome } from "../../contract/api/execution_info.ts";
import type { ScriptOptions } from "../../contract/api/script_outcome.ts";
import { type ShardRuntime, startShard } from "../../runtime/shard.ts";
import { waitUntil } from "./wait_until.ts";

// Runtimes that are started from here refuse a bundle that is older than its sources.
await buildIsolate();

const ANY_PORT = "127.0.0.1:0";

/** What a test's cluster is started with. */
export interface TestClusterOptions extends ManagedClusterOptions {
  readonly runtime?: Partial<ShardOptions>;
}

/** What a test talks to. */
export class TestCluster implements AsyncDisposable {
  readonly redis: ManagedCluster;
  /** The runtimes of the masters, in the order of their slots. */
  readonly shards: readonly ShardRuntime[];
  /** Lines that were logged, as `source level message`. */
  readonly logs: readonly string[];
  readonly #owned: AsyncDisposableStack;

  constructor(
    parts: Pick<TestCluster, "redis" | "shards" | "logs">,
    owned: AsyncDisposableStack,
  ) {
    this.redis = parts.redis;
    this.shards = parts.shards;
    this.logs = parts.logs;
    this.#owned = owned;
  }

  /** Runs a script on a shard. */
  async run(source: string, options: ScriptOptions = {}, shard = 0): Promise<ExecutionOutcome> {
    const outcome = await this.shards[shard].engine.scripts.run(source, options);
    if (outcome.kind !== "done") throw new Error(`The script came to ${outcome.kind}`);
    return outcome.outcome;
  }

  /** Runs one command at a master, by its place. @throws RespError */
  ask(master: number, ...command: readonly RespArgument[]): Promise<RespValue> {
    return ask(this.redis.masters[master].server, ...command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** Starts both, and waits until every runtime acts and knows of the others. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await ManagedCluster.start({ nodeTimeoutMs: 1_500, ...options }));
  const logs: string[] = [];
  const starts = redis.masters.map(({ server }) =>
    startRuntimeBeside(server.url, logs, options.runtime)
  );
  for (const start of await Promise.allSettled(starts)) {
    if (start.status === "fulfilled") stack.use(start.value);
  }
  const shards = await Promise.all(starts);
  await untilWhole(shards);
  return new TestCluster({ redis, shards, logs }, stack.move());
}

/** Starts one more runtime beside a Redis, on free ports. */
export function startRuntimeBeside(
  redis: string,
  logs: string[] = [],
  options: Partial<ShardOptions> = {},
): Promise<ShardRuntime> {
  return startShard(
    { redis, resp: ANY_PORT, http: ANY_PORT, mesh: ANY_PORT, ...options },
    (line) => logs.push(`${line.source} ${line.level} ${line.message}`),
  );
}

/** Waits until each of these runtimes is linked with an acting one of every other shard. */
export async function untilWhole(shards: readonly ShardRuntime[]): Promise<void> {
  for (const { engine } of shards) {
    await waitUntil(async () => {
      const { myId, shards } = await engine.cluster.status();
      const links = shards.find(({ id }) => id === myId)?.links ?? [];
      return links.filter(({ isLinked }) => isLinked).length === shards.length - 1;
    }, 15_000);
  }
}
