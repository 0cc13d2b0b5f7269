/**
 * Wires one shard: Redis, coordinator, engine, adapters. Starts them in order, stops them in reverse.
 *
 * @module
 */

import { LocalCoordinator } from "../coordinator/local.ts";
import { PinionError } from "../errors.ts";
import { formatRedisUrl, parseRedisUrl } from "../redis/redis_url.ts";
import { type ListenAddress, resolveConfig, type ShardOptions } from "./config.ts";
import { createEngine } from "./create_engine.ts";
import type { Engine } from "./engine.ts";
import { serveHttp } from "./http/serve_http.ts";
import { prepareChildBundle } from "./isolate/child_bundle.ts";
import { type BookedLine, LogBook } from "./log_book.ts";
import { serveResp } from "./resp/serve_resp.ts";
import { RuntimeDirectory } from "./runtime_directory.ts";
import { ShardRedis } from "./shard_redis.ts";

/** How long a start waits for Redis, in milliseconds. */
const REDIS_WAIT_MS = 10_000;

/** Where a shard is reached: the ready line of `start --json`. */
export interface ShardReady {
  /** URL without its password. */
  readonly redis: string;
  /** `HOST:PORT` */
  readonly resp: string;
  readonly http: string;
  /** Null while there is no mesh. */
  readonly mesh: string | null;
  readonly pid: number;
}

/** A running shard. */
export interface Shard extends AsyncDisposable {
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
): Promise<Shard> {
  const config = resolveConfig(options);
  const address = parseRedisUrl(config.redis);
  const logs = new LogBook(onLog);
  await using stack = new AsyncDisposableStack();
  const [redis, bundle] = await Promise.all([
    ShardRedis.connect(address, logs, REDIS_WAIT_MS),
    prepareChildBundle(),
  ]);
  stack.use(redis);
  const directory = stack.use(await RuntimeDirectory.create());
  const coordinator = new LocalCoordinator(address);
  const isolateOptions = {
    bundle,
    directory: directory.path,
    redis: address,
    clustered: redis.isClusterMode,
  };
  const engine = stack.use(
    await createEngine({ config, redis, coordinator, logs, isolateOptions }),
  );
  const log = (message: string, failure?: unknown) =>
    failure === undefined
      ? void logs.add("pinion", "warning", message)
      : logs.addFailure(message, failure);
  const { maxBodyBytes, maxClients, token } = config;
  const resp = stack.use(listen(config.resp, (listen) => {
    const limits = { maxClients, maxScriptBytes: maxBodyBytes };
    return serveResp({ listen, engine, redis: address, limits, log });
  }));
  const http = stack.use(listen(config.http, (listen) => {
    return serveHttp({ listen, engine, token, limits: { maxBodyBytes, maxClients }, log });
  }));
  const owned = stack.move();
  return {
    ready: {
      redis: formatRedisUrl(address),
      resp: formatAddress(resp.address),
      http: formatAddress(http.address),
      mesh: null,
      pid: Deno.pid,
    },
    engine,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function formatAddress({ hostname, port }: ListenAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** @throws `BAD_ARGUMENT` where the address cannot be listened on */
function listen<T>(address: ListenAddress, serve: (address: ListenAddress) => T): T {
  try {
    return serve(address);
  } catch (error) {
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
