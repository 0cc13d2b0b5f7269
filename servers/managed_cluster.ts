/**
 * A real Redis or Valkey Cluster on this machine that this process starts and owns: for
 * development, tests and demonstrations.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../errors.ts";
import { ManagedServer, type ManagedServerOptions } from "./managed_server.ts";
import { NodeClient } from "../redis/link/node_client.ts";
import type { RespValue } from "../redis/resp_decoder.ts";
import type { RespArgument } from "../redis/resp_encoder.ts";
import { SLOT_COUNT } from "../redis/slots.ts";

/** Options of a cluster. */
export interface ManagedClusterOptions
  extends Pick<ManagedServerOptions, "args" | "installIfMissing" | "onMessage" | "signal"> {
  /** Masters, which share the slots equally; default 3. */
  readonly shards?: number;
  /** Replicas of each master; default 0. */
  readonly replicas?: number;
  /** Nodes take the ports from here up, masters first. Default: free ones. */
  readonly basePort?: number;
  /** Time for which a node may be silent before the others take it for dead; default 5000. */
  readonly nodeTimeoutMs?: number;
}

/** A node as it was set up; a failover changes roles. */
export interface ManagedNode {
  readonly server: ManagedServer;
  /** 40 hex digits, the node's own. */
  readonly id: string;
  /** Which shard it belongs to, from 0. */
  readonly shard: number;
  readonly isReplica: boolean;
}

const READY_MS = 30_000;
/** For connecting, and for a reply. */
const ANSWER_MS = 5_000;
const RETRY_MS = 20;

/**
 * The nodes and the processes that they run in.
 *
 * @example
 * ```ts
 * import { ManagedCluster } from "./managed_cluster.ts";
 *
 * await using cluster = await ManagedCluster.start({ shards: 3, replicas: 1 });
 * console.log(cluster.masters.map((node) => node.server.url));
 * ```
 */
export class ManagedCluster implements AsyncDisposable {
  /** Masters in the order of their slots, then the replicas in the order of their masters. */
  readonly nodes: readonly ManagedNode[];
  readonly #owned: AsyncDisposableStack;

  private constructor(nodes: readonly ManagedNode[], owned: AsyncDisposableStack) {
    this.nodes = nodes;
    this.#owned = owned;
  }

  /**
   * Starts the nodes, gives them their slots and waits until each takes the cluster for whole.
   *
   * @throws {PinionError} as `ManagedServer.start`; `REDIS_UNAVAILABLE` where the cluster is not
   * whole within 30 s.
   */
  static async start(options: ManagedClusterOptions = {}): Promise<ManagedCluster> {
    const { shards = 3, replicas = 0 } = options;
    await using stack = new AsyncDisposableStack();
    const starts = Array.from(
      { length: shards * (1 + replicas) },
      (_, index) => startNode(index, options),
    );
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === "fulfilled") stack.use(start.value);
    }
    const servers = await Promise.all(starts);
    const nodes = await Promise.all(servers.map(async (server, index): Promise<ManagedNode> => ({
      server,
      id: String(await ask(server, "CLUSTER", "MYID")),
      shard: index < shards ? index : Math.floor((index - shards) / replicas),
      isReplica: index >= shards,
    })));
    await join(nodes, shards, options.signal);
    return new ManagedCluster(nodes, stack.move());
  }

  /** The nodes that were set up as masters, in the order of their slots. */
  get masters(): readonly ManagedNode[] {
    return this.nodes.filter((node) => !node.isReplica);
  }

  /** Stops every node and removes what they wrote. May be called again. */
  async stop(): Promise<void> {
    await this.#owned.disposeAsync();
  }

  /** As {@linkcode stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Runs one command over a connection of its own. @throws RespError, `REDIS_UNAVAILABLE` */
export async function ask(
  server: Pick<ManagedServer, "address">,
  ...command: readonly RespArgument[]
): Promise<RespValue> {
  using client = new NodeClient(server.address, { timeoutMs: ANSWER_MS });
  return await client.ask(...command);
}

function startNode(index: number, options: ManagedClusterOptions): Promise<ManagedServer> {
  const { args = [], basePort, nodeTimeoutMs = 5_000 } = options;
  return ManagedServer.start({
    installIfMissing: options.installIfMissing,
    onMessage: options.onMessage,
    signal: options.signal,
    cluster: true,
    ...(basePort !== undefined && { port: basePort + index }),
    args: [
      ...["--cluster-node-timeout", `${nodeTimeoutMs}`],
      // A node that has met no other does not know its own address, and tells none.
      ...["--cluster-announce-ip", "127.0.0.1"],
      // Else a replica waits for others that might want the same snapshot.
      ...["--repl-diskless-sync-delay", "0"],
      // A replica is shown to others when something was replicated to it.
      ...["--repl-ping-replica-period", "1"],
      ...args,
    ],
  });
}

/** Makes one cluster of the nodes. */
async function join(
  nodes: readonly ManagedNode[],
  shards: number,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + READY_MS;
  const [first] = nodes;
  await Promise.all(nodes.map(async ({ server, isReplica }, index) => {
    await ask(server, "CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    if (!isReplica) await ask(server, "CLUSTER", "ADDSLOTS", ...slotsOf(index, shards));
    if (index === 0) return;
    await ask(server, "CLUSTER", "MEET", first.server.address.host, first.server.address.port);
  }));
  for (const node of nodes) {
    const isWhole = async () => {
      const info = String(await ask(node.server, "CLUSTER", "INFO"));
      return info.includes(`cluster_known_nodes:${nodes.length}\r\n`) &&
        info.includes("cluster_state:ok\r\n");
    };
    await until(isWhole, { deadline, signal });
  }
  await Promise.all(
    nodes.filter((node) => node.isReplica).map(async (node) => {
      const master = nodes[node.shard];
      await ask(node.server, "CLUSTER", "REPLICATE", master.id);
      const isInSync = async () =>
        String(await ask(node.server, "INFO", "replication")).includes("master_link_status:up\r\n");
      await until(isInSync, { deadline, signal });
    }),
  );
  for (const node of nodes) {
    // A replica is of use when everybody knows of it.
    const isKnown = async () => {
      const entries = await ask(node.server, "CLUSTER", "SLOTS") as RespValue[][];
      return entries.reduce((sum, entry) => sum + entry.length - 2, 0) === nodes.length;
    };
    await until(isKnown, { deadline, signal });
  }
}

/** The slots of a shard: equal shares in order. */
function slotsOf(shard: number, shards: number): number[] {
  const first = Math.round(shard * SLOT_COUNT / shards);
  const end = Math.round((shard + 1) * SLOT_COUNT / shards);
  return Array.from({ length: end - first }, (_, index) => first + index);
}

async function until(
  condition: () => Promise<boolean>,
  { deadline, signal }: { readonly deadline: number; readonly signal?: AbortSignal },
): Promise<void> {
  while (!await condition()) {
    signal?.throwIfAborted();
    if (performance.now() > deadline) {
      throw new PinionError(
        "REDIS_UNAVAILABLE",
        `The Redis cluster did not start: its nodes did not find each other within ${READY_MS} ms; ` +
          "try again when the machine has less to do",
      );
    }
    await delay(RETRY_MS);
  }
}
