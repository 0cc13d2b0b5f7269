/**
 * Opens a runtime's mesh as its configuration says.
 *
 * @module
 */

import type { ClusterCoordinator } from "../coordinator/cluster/cluster_coordinator.ts";
import { randomId } from "../contract/text/random_id.ts";
import {
  type HttpMesh,
  type HttpMeshOptions,
  serveMesh,
} from "../coordinator/mesh/peers/http_mesh.ts";
import { PinionError } from "../errors.ts";
import { formatAddress, type ResolvedConfig } from "./base/config.ts";
import type { ShardRedis } from "./base/shard_redis.ts";

/** Key of the secret that the runtimes of a cluster agreed on. */
const SECRET_KEY = "__pinion:{mesh}:secret";
/** Addresses that mean every interface: nobody can be reached by them. */
const WILDCARDS = ["0.0.0.0", "::"];

/** A mesh, and how others reach it. */
export interface OpenedMesh {
  readonly mesh: HttpMesh;
  /** Base URL for other runtimes. */
  readonly url: string;
}

/** Parts of a mesh. */
export interface MeshParts {
  readonly config: ResolvedConfig;
  readonly cluster: ClusterCoordinator;
  readonly redis: ShardRedis;
  readonly log: (message: string, failure?: unknown) => void;
}

/** Begins to listen. @throws `BAD_ARGUMENT` for files, `REDIS_UNAVAILABLE`, `AddrInUse` and such */
export async function openMesh({ config, cluster, redis, log }: MeshParts): Promise<OpenedMesh> {
  const mesh = serveMesh({
    shardId: cluster.home.meshId,
    runId: cluster.runtime.runId,
    epoch: () => cluster.runtime.epoch ?? 0,
    listen: config.mesh,
    trust: await readTrust(config, redis),
    onLog: log,
  });
  const { hostname, port } = mesh.address;
  const isEverywhere = WILDCARDS.includes(config.mesh.hostname);
  const host = config.advertise ?? (isEverywhere ? cluster.home.ownHost : hostname);
  const scheme = config.meshTls === undefined ? "http" : "https";
  return { mesh, url: `${scheme}://${formatAddress({ hostname: host, port })}` };
}

async function readTrust(
  { meshTls, meshSecret }: ResolvedConfig,
  redis: ShardRedis,
): Promise<HttpMeshOptions["trust"]> {
  if (meshTls !== undefined) {
    const [certificate, key, ...authorities] = await Promise.all(
      [meshTls.certificate, meshTls.key, ...meshTls.authorities].map(readPem),
    );
    return { certificate, key, authorities };
  }
  if (meshSecret !== undefined) return { secret: meshSecret };
  // Who may read this may also deploy functions, by writing where libraries are kept.
  await redis.shared.setnx(SECRET_KEY, randomId());
  const secret = await redis.shared.get(SECRET_KEY);
  if (secret) return { secret };
  throw new PinionError("REDIS_UNAVAILABLE", "The secret of the mesh cannot be read from Redis");
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new PinionError("BAD_ARGUMENT", "Cannot read a file of meshTls: check its paths", {
      cause,
    });
  }
}
