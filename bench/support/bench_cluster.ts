/**
 * A Redis cluster with a runtime beside each shard, each a process of its own as its users start it.
 *
 * @module
 */

import { ManagedCluster } from "../../servers/managed_cluster.ts";
import type { CommandArgument } from "../../redis/resp_encoder.ts";
import { keySlot, SLOT_COUNT } from "../../redis/slots.ts";
import { load } from "../data/load.ts";
import { RuntimeProcess } from "./runtime_process.ts";

/** How long the runtimes may take to find each other, in milliseconds. */
const LINK_MS = 30_000;

/** See the module. */
export class BenchCluster implements AsyncDisposable {
  readonly redis: ManagedCluster;
  readonly runtimes: readonly RuntimeProcess[];
  readonly #owned: AsyncDisposableStack;

  private constructor(
    redis: ManagedCluster,
    runtimes: readonly RuntimeProcess[],
    owned: AsyncDisposableStack,
  ) {
    this.redis = redis;
    this.runtimes = runtimes;
    this.#owned = owned;
  }

  /** Starts all of it; resolves when a script runs on every shard. */
  static async start(shards: number): Promise<BenchCluster> {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await ManagedCluster.start({ shards, installIfMissing: true }));
    const runtimes: RuntimeProcess[] = [];
    for (const { server } of redis.masters) {
      runtimes.push(stack.use(await RuntimeProcess.start(server.url)));
    }
    await untilWhole(runtimes[0], shards);
    return new BenchCluster(redis, runtimes, stack.move());
  }

  /** Writes commands whose first argument is a key, each where its key belongs. */
  async load(commands: Iterable<readonly CommandArgument[]>): Promise<void> {
    const { masters } = this.redis;
    const parts: (readonly CommandArgument[])[][] = masters.map(() => []);
    for (const command of commands) {
      const slot = keySlot(String(command[1]));
      parts[masters.findIndex((_, n) => slot < Math.round((n + 1) * SLOT_COUNT / masters.length))]
        .push(command);
    }
    for (const [index, part] of parts.entries()) await load(masters[index].server.address, part);
  }

  /** Resolves when nothing runs on any shard but an isolate that waits for a script. */
  async becomeQuiet(): Promise<void> {
    for (const runtime of this.runtimes) await runtime.becomeQuiet(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

async function untilWhole(runtime: RuntimeProcess, shards: number): Promise<void> {
  const deadline = performance.now() + LINK_MS;
  while (true) {
    try {
      const ids = await runtime.run<string>(`GB("ShardsIDReader").run()`);
      if (ids.length === shards) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
