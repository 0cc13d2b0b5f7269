/**
 * Many meshes in one process, linked without a network: for the routing of shuffles over more
 * shards than a machine can run. Exchanges, channels and limits are those of any mesh.
 *
 * @module
 */

import { SharedSecret } from "../hello/credentials.ts";
import { DEFAULT_MESH_LIMITS, DEFAULT_MESH_TIMINGS, type MeshLimits } from "../mesh_limits.ts";
import { createLinkPair } from "../link/in_process_link.ts";
import type { PeerLink } from "../link/peer_link.ts";
import { LinkedMesh } from "./linked_mesh.ts";
import type { Mesh } from "../mesh.ts";

const SCHEME = "in-process:";

/** Meshes by shard id; disposed of together. */
export interface InProcessMeshes extends AsyncDisposable {
  readonly meshes: ReadonlyMap<string, Mesh>;
}

/** Meshes of these shards, each linked to every other. */
export async function linkInProcess(
  shardIds: readonly string[],
  limits: Partial<MeshLimits> = {},
): Promise<InProcessMeshes> {
  const credentials = new SharedSecret(crypto.randomUUID());
  const resolved = { ...DEFAULT_MESH_LIMITS, ...limits };
  const meshes = new Map<string, LinkedMesh>();
  await using stack = new AsyncDisposableStack();
  const all = Promise.withResolvers<void>();
  let awaited = shardIds.length * (shardIds.length - 1);
  if (awaited === 0) all.resolve();
  for (const shardId of shardIds) {
    const mesh = stack.use(
      new LinkedMesh({
        self: {
          shardId,
          runId: shardId,
          epoch: () => 1,
          windowBytes: resolved.windowBytes,
          credentials,
        },
        limits: { ...resolved, strangers: shardIds.length },
        timings: DEFAULT_MESH_TIMINGS,
        dial: (url) => Promise.resolve(dial(meshes, url)),
        onLog: () => {},
      }),
    );
    mesh.onPeerLinked(() => --awaited === 0 && all.resolve());
    meshes.set(shardId, mesh);
  }
  const peers = new Map(shardIds.map((id) => [id, { url: `${SCHEME}${id}`, epoch: 1 }]));
  for (const mesh of meshes.values()) mesh.setPeers(peers);
  await all.promise;
  const owned = stack.move();
  return { meshes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function dial(meshes: ReadonlyMap<string, LinkedMesh>, url: string): PeerLink {
  const [near, far] = createLinkPair();
  void meshes.get(url.slice(SCHEME.length))!.acceptLink(far);
  return near;
}
