/**
 * What the two processes of the benchmark of links agree on.
 *
 * @module
 */

import type { HttpMeshOptions } from "../../coordinator/mesh/peers/http_mesh.ts";

/** Shard of the mesh that is linked with all others. */
export const HUB = "hub";

/** Shard of one of the others; half of them dial, as lesser ids do, the other half are dialled. */
export function rimId(index: number): string {
  return `${index % 2 === 0 ? "a" : "z"}-${index}`;
}

/** A mesh on loopback. */
export function linkOptions(shardId: string): HttpMeshOptions {
  return {
    shardId,
    runId: shardId,
    epoch: () => 1,
    listen: { hostname: "127.0.0.1", port: 0 },
    trust: { secret: "a secret of this benchmark" },
  };
}
