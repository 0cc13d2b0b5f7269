/**
 * Wires one shard: Redis, coordinator, engine, adapters. Starts them in order, stops them in
 * reverse.
 *
 * In a cluster the runtime takes part in it last, when everything can serve: before that no other
 * runtime knows of it.
 *
 * @module
 */

import { LocalCoordinator } from "../coordinator/local.ts";
import { ClusterCoordinator } from "../coordinator/cluster/cluster_coordinator.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import { PinionError } from "../errors.ts";
import { formatRedisUrl, parseRedisUrl, type RedisAddress } from "../redis/redis_url.ts";
import {
  formatAddress,
  type ListenAddress,
  resolveConfig,
  type ResolvedConfig,
  type ShardOptions,
} from "./base/config.ts";
import { openMesh } from "./open_mesh.ts";
import { createEngine } from "./engine/create_engine.ts";
import type { Engine } from "./engine/engine.ts";
import { serveHttp } from "./http/server/serve_http.ts";
import type { ServerAddress } from "../contract/isolate/messages/host_messages.ts";
import { findChildBundle } from "../isolate/process/child_bundle.ts";
import { type BookedLine, LogBook } from "./base/log_book.ts";
import { serveResp } from "./resp/server/serve_resp.ts";
import type { ShardReady } from "../contract/api/shard_ready.ts";
import { RuntimeDirectory } from "./runtime_directory.ts";
import { ShardRedis } from "./base/shard_redis.ts";

/** Takes a remark for the operator, with the failure behind it. */
type Log = (message: string, failure?: unknown) => void;

/** Time for which a start waits for Redis, in milliseconds. */
const REDIS_WAIT_MS = 10_000;

/** A running shard. */
export interface ShardRuntime extends AsyncDisposable {
  readonly ready: ShardReady;
  readonly engine: Engine;
}

/**
 * Starts a shard's runtime and waits until it serves.
 *
 * @param onLog Called with each line that the runtime or a function logs.
 * @throws `BAD_ARGUMENT` (options, addresses), `REDIS_UNAVAILABLE`, `REDIS_REFUSED`
 */
export async function startShard(
  options: ShardOptions,
  onLog: (line: BookedLine) => void = () => {},
): Promise<ShardRuntime> {
  const config = resolveConfig(options);
  const seed = parseRedisUrl(config.redis);
  const logs = new LogBook(onLog);
  const log = logTo(logs);
  await using stack = new AsyncDisposableStack();
  const [redis, bundle] = await Promise.all([
    ShardRedis.connect(seed, logs, REDIS_WAIT_MS),
    findChildBundle(),
  ]);
  stack.use(redis);
  const directory = stack.use(await RuntimeDirectory.create());
  const { cluster, coordinator, mesh } = await openCoordinator({ config, seed, redis, log }, stack);
  const { address } = redis;
  const isolateOptions = {
    ...{ bundle, directory: directory.path, redis: address, clustered: redis.isClusterMode },
    redisServers: () => placesOf(coordinator),
  };
  const deps = { config, redis, coordinator, logs, isolateOptions };
  const engine = stack.use(await createEngine(deps));
  const places = await serveAdapters({ config, engine, redis: address, log }, stack);
  if (cluster !== null) {
    followCluster(cluster, redis, log);
    await cluster.join({ mesh: mesh?.url ?? null, ...places });
  }
  const owned = stack.move();
  return {
    ready: {
      redis: formatRedisUrl(seed),
      ...places,
      mesh: mesh === null ? null : formatAddress(mesh.mesh.address),
      pid: Deno.pid,
    },
    engine,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function logTo(logs: LogBook): Log {
  return (message, failure) =>
    failure === undefined
      ? void logs.add("pinion", "warning", message)
      : logs.addFailure(message, failure);
}

/** Opens the coordinator, and in a cluster the mesh, which listens from then on. */
async function openCoordinator(
  { config, seed, redis, log }: {
    readonly config: ResolvedConfig;
    readonly seed: RedisAddress;
    readonly redis: ShardRedis;
    readonly log: Log;
  },
  stack: AsyncDisposableStack,
) {
  if (!redis.isClusterMode) {
    const coordinator: Coordinator = stack.use(new LocalCoordinator(seed));
    return { cluster: null, coordinator, mesh: null };
  }
  const cluster = stack.use(await ClusterCoordinator.connect({ seed, log }));
  if (!cluster.home.isAlone) await redis.joinCluster(REDIS_WAIT_MS);
  const mesh = await listening(config.mesh, () => openMesh({ config, cluster, redis, log }));
  cluster.use(stack.use(mesh.mesh));
  const coordinator: Coordinator = cluster;
  return { cluster, coordinator, mesh };
}

/** Serves RESP and HTTP. Gives the addresses that both listen at. */
async function serveAdapters(
  { config, engine, redis, log }: {
    readonly config: ResolvedConfig;
    readonly engine: Engine;
    readonly redis: RedisAddress;
    readonly log: Log;
  },
  stack: AsyncDisposableStack,
): Promise<{ readonly resp: string; readonly http: string }> {
  const { maxBodyBytes, maxClients, token } = config;
  const resp = stack.use(
    await listening(config.resp, () => {
      const limits = { maxClients, maxScriptBytes: maxBodyBytes };
      return serveResp({ listen: config.resp, engine, redis, limits, log });
    }),
  );
  const http = stack.use(
    await listening(config.http, () => {
      const limits = { maxBodyBytes, maxClients };
      return serveHttp({ listen: config.http, engine, token, limits, log });
    }),
  );
  return { resp: formatAddress(resp.address), http: formatAddress(http.address) };
}

/** Every Redis of the cluster: a replica may be a master at any time. */
function placesOf(coordinator: Coordinator): ServerAddress[] {
  return coordinator.shards().flatMap(({ host, port, replicas }) => [{ host, port }, ...replicas]);
}

/**
 * Sees to it that commands go to the shard's master, whichever server that is, and finds the other
 * nodes of a cluster that had one at first.
 */
function followCluster(
  cluster: ClusterCoordinator,
  redis: ShardRedis,
  log: (message: string, failure?: unknown) => void,
): void {
  const follow = () => {
    const { master, isAlone } = cluster.home;
    if (master !== undefined) redis.follow(master);
    if (isAlone) return;
    redis.joinCluster(REDIS_WAIT_MS)
      .catch((error) => log("The new nodes of the cluster are not there yet", error));
  };
  cluster.onChange(follow);
  follow();
}

/** @throws `BAD_ARGUMENT` where the address cannot be listened on */
async function listening<T>(address: ListenAddress, serve: () => T | Promise<T>): Promise<T> {
  try {
    return await serve();
  } catch (error) {
    if (error instanceof PinionError) throw error;
    const why = error instanceof Deno.errors.AddrInUse
      ? "something listens there already; stop it, or choose another port"
      : error instanceof Deno.errors.PermissionDenied
      ? "this user may not; choose a port above 1023"
      : "the address is not one of this machine";
    throw new PinionError("BAD_ARGUMENT", `Cannot listen on ${formatAddress(address)}: ${why}`, {
      cause: error,
    });
  }
}
