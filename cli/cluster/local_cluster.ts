/**
 * A whole cluster on this machine: Redis servers, and a runtime beside each master.
 *
 * @module
 */

import { ManagedCluster } from "../../servers/managed_cluster.ts";
import type { Output } from "../ui/output.ts";
import { requireFree } from "../../servers/check_ports.ts";
import type { ReadyLine } from "../../contract/api/shard_ready.ts";
import { RuntimeProcess } from "./runtime_process.ts";
import { untilWhole } from "./until_whole.ts";

/** Options of a local cluster. */
export interface LocalClusterOptions {
  readonly shards: number;
  /** Of each master. */
  readonly replicas: number;
  /** Redis from here up, RESP 100 above, HTTP 200, the mesh 300. Default: any free ports. */
  readonly basePort?: number;
  /** Required of every client of the runtimes; undefined for none. */
  readonly token: string | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const HOST = "127.0.0.1";
/** First digits of the ports of each interface, above the base. */
const OFFSETS = { resp: 100, http: 200, mesh: 300 } as const;

/** Starts and stops a cluster on this machine. */
export class LocalCluster implements AsyncDisposable {
  /** Product and version of the servers. */
  readonly version: string;
  readonly #runtimes: readonly RuntimeProcess[];
  readonly #owned: AsyncDisposableStack;

  private constructor(
    version: string,
    runtimes: readonly RuntimeProcess[],
    owned: AsyncDisposableStack,
  ) {
    this.version = version;
    this.#runtimes = runtimes;
    this.#owned = owned;
  }

  /**
   * Starts it and waits until every runtime acts for its shard. @throws `BAD_ARGUMENT` for ports
   */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const { shards, replicas, basePort, token, output, signal } = options;
    if (basePort !== undefined) requireFreePorts(options, basePort);
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(
      await ManagedCluster.start({
        shards,
        replicas,
        basePort,
        installIfMissing: true,
        onMessage: (line) => output.note(line),
        signal,
      }),
    );
    const starts = redis.masters.map(({ server }, index) =>
      RuntimeProcess.start({
        args: [
          ...["--redis", server.url],
          ...Object.entries(OFFSETS).flatMap(([name, offset]) => {
            const port = basePort === undefined ? 0 : basePort + offset + index;
            return [`--${name}`, `${HOST}:${port}`];
          }),
        ],
        token,
        onLog: (line) => output.note(`${output.errorStyle.dim(`shard ${index}`)} ${line}`),
        onRestart: (line) => output.note(`shard ${index}: ${line}`),
        signal,
      })
    );
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === "fulfilled") stack.use(start.value);
    }
    const runtimes = await Promise.all(starts);
    const urls = runtimes.map(({ ready }) => `http://${ready.http}`);
    await untilWhole(urls.map((url) => ({ url, token })), signal);
    return new LocalCluster(redis.nodes[0].server.version, runtimes, stack.move());
  }

  /** Addresses of the runtimes, in the order of their slots. */
  get ready(): readonly ReadyLine[] {
    return this.#runtimes.map(({ ready }) => ready);
  }

  /** Stops everything, the runtimes first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** @throws `BAD_ARGUMENT` that names a port in use */
function requireFreePorts({ shards, replicas }: LocalClusterOptions, basePort: number): void {
  const nodes = Array.from({ length: shards * (1 + replicas) }, (_, index) => basePort + index);
  const runtimes = Object.values(OFFSETS).flatMap((offset) =>
    Array.from({ length: shards }, (_, index) => basePort + offset + index)
  );
  for (const port of [...nodes, ...nodes.map((node) => node + 10_000), ...runtimes]) {
    requireFree({ hostname: HOST, port }, "other ports with --base-port PORT");
  }
}
