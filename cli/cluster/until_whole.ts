/**
 * Waits until the runtimes of a cluster have found each other.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../errors.ts";
import { ClusterStatus } from "../../contract/api/cluster_status.ts";
import { Client, type RemoteInput } from "../base/client.ts";

const WAIT_MS = 30_000;
const RETRY_MS = 50;

/**
 * Resolves when each of these runtimes acts, and is linked with that of every other shard.
 *
 * @throws `RUNTIME_UNREACHABLE` where that takes longer than 30 s
 */
export async function untilWhole(
  runtimes: readonly RemoteInput[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (const runtime of runtimes) {
    const client = new Client(runtime);
    while (!isWhole(await client.get(ClusterStatus, "/v1/cluster", { signal }))) {
      signal.throwIfAborted();
      if (performance.now() > deadline) {
        throw new PinionError(
          "RUNTIME_UNREACHABLE",
          `The runtimes did not find each other within ${WAIT_MS} ms; what they logged says why`,
        );
      }
      await delay(RETRY_MS);
    }
  }
}

function isWhole({ clustered, shards }: ClusterStatus): boolean {
  return shards.every(({ runtimes, links }) => {
    if (runtimes[0]?.role !== "acting") return false;
    if (!clustered) return true;
    return links !== null && links.filter(({ isLinked }) => isLinked).length === shards.length - 1;
  });
}
