/**
 * The runtime's control connections: to the shard's Redis, and to what a whole cluster shares. Data
 * takes other ways.
 *
 * @module
 */

import { delay } from "@std/async";
import { Cluster, Redis } from "ioredis";
import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { LogBook } from "./log_book.ts";

/** Longest pause between two attempts to connect, in milliseconds. */
const MAX_RETRY_MS = 1_000;
/** Time that a command may take, in milliseconds. */
const COMMAND_TIMEOUT_MS = 5_000;

/** Connects to the shard's Redis and to the Redis that a whole cluster shares. */
export class ShardRedis implements Disposable {
  readonly client: Redis;
  /**
   * Address of the shard's master. One object for good: host and port change with a failover. One
   * object for good: host and port change with a failover.
   */
  readonly address: RedisAddress;
  readonly #place: { host: string; port: number };
  #cluster: Cluster | null = null;
  /** `redis 7.0.15`, once it is known. */
  server: string | undefined;
  /** True if the server runs in cluster mode. */
  isClusterMode = false;

  /** Connects; waits up to `timeoutMs` for it. @throws `REDIS_UNAVAILABLE`, `REDIS_REFUSED` */
  static async connect(
    address: RedisAddress,
    logs: LogBook,
    timeoutMs: number,
  ): Promise<ShardRedis> {
    const redis = new ShardRedis(address, logs);
    const deadline = Date.now() + timeoutMs;
    while (true) {
      try {
        await redis.#greet();
        return redis;
      } catch (error) {
        const failure = explain(error);
        if (failure.code === "REDIS_REFUSED" || Date.now() >= deadline) {
          redis[Symbol.dispose]();
          throw failure;
        }
        await delay(100);
      }
    }
  }

  private constructor(address: RedisAddress, logs: LogBook) {
    const moving = { ...address };
    this.address = moving;
    this.#place = moving;
    this.client = new Redis({
      host: address.host,
      port: address.port,
      username: address.username,
      password: address.password,
      db: address.db,
      ...(address.tls && { tls: {} }),
      connectionName: "pinion-control",
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(MAX_RETRY_MS, attempt * 50),
    });
    let isUp = true;
    this.client.on("error", (error) => {
      if (isUp) logs.add("pinion", "warning", `Redis is not there: ${explain(error).message}`);
      isUp = false;
    });
    this.client.on("ready", () => {
      if (!isUp) logs.add("pinion", "notice", "Redis is back");
      isUp = true;
    });
  }

  /** For keys that the whole cluster has once; the shard's own Redis where it stands alone. */
  get shared(): Redis | Cluster {
    return this.#cluster ?? this.client;
  }

  /**
   * Connects to the other nodes of the cluster, once. A node that is alone in its cluster knows no
   * address of its own to be found by.
   *
   * @throws `REDIS_UNAVAILABLE` where no node can be reached within `timeoutMs`; it goes on trying
   */
  async joinCluster(timeoutMs: number): Promise<void> {
    if (this.#cluster !== null) return;
    const cluster = this.#cluster = this.#openCluster();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    cluster.once("ready", resolve);
    cluster.once("end", () => reject(unavailable()));
    const timer = setTimeout(() => reject(notReached(timeoutMs)), timeoutMs);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      cluster.off("ready", resolve);
    }
  }

  /** Goes to another server of the shard: its master is there now. */
  follow({ host, port }: { readonly host: string; readonly port: number }): void {
    if (host === this.#place.host && port === this.#place.port) return;
    Object.assign(this.#place, { host, port });
    // The client reads its options anew with each connection, and one that has none tries already.
    Object.assign(this.client.options, { host, port });
    if (this.isUp) this.client.disconnect(true);
  }

  get isUp(): boolean {
    return this.client.status === "ready";
  }

  /** @throws `REDIS_UNAVAILABLE` if it is not there now */
  requireUp(): void {
    if (!this.isUp) throw unavailable();
  }

  /** Resolves if it answers now. @throws `REDIS_UNAVAILABLE` */
  async checkHealth(): Promise<void> {
    this.requireUp();
    await this.client.ping().catch((error) => {
      throw unavailable(error);
    });
  }

  [Symbol.dispose](): void {
    this.client.disconnect();
    this.#cluster?.disconnect();
  }

  #openCluster(): Cluster {
    const { host, port, username, password, tls } = this.address;
    const cluster = new Cluster([{ host, port }], {
      clusterRetryStrategy: (attempt) => Math.min(MAX_RETRY_MS, attempt * 50),
      redisOptions: {
        username,
        password,
        ...(tls && { tls: {} }),
        connectionName: "pinion-control",
        commandTimeout: COMMAND_TIMEOUT_MS,
      },
    });
    cluster.on("error", () => {}); // the command that needs it rejects
    return cluster;
  }

  async #greet(): Promise<void> {
    if (!this.isUp) {
      await new Promise<void>((resolve, reject) => {
        this.client.once("ready", resolve);
        this.client.once("error", reject);
      });
    }
    const info = await this.client.info("server");
    const name = /valkey_version/.test(info) ? "valkey" : "redis";
    const version = new RegExp(`^${name}_version:(\\S+)`, "m").exec(info)?.[1] ?? "";
    this.server = `${name} ${version}`;
    this.isClusterMode = /^redis_mode:cluster/m.test(info);
  }
}

function notReached(timeoutMs: number): PinionError {
  return new PinionError(
    "REDIS_UNAVAILABLE",
    `Redis cannot be reached: no node of the cluster answered within ${timeoutMs} ms where the ` +
      "cluster says that it is; see cluster-announce-ip in its configuration",
  );
}

function unavailable(cause?: unknown): PinionError {
  return new PinionError(
    "REDIS_UNAVAILABLE",
    "Redis cannot be reached; the runtime goes on trying, try again when it is back",
    { cause },
  );
}

/**
 * Translates a failure of ioredis. The message tells neither address nor password. The message
 * tells neither address nor password.
 */
function explain(error: unknown): PinionError {
  const message = error instanceof Error ? error.message : String(error);
  if (/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password|ERR DB index)/.test(message)) {
    return new PinionError(
      "REDIS_REFUSED",
      `Redis refused the connection: ${message}; check user, password and database of the URL`,
      { cause: error },
    );
  }
  return unavailable(error);
}
