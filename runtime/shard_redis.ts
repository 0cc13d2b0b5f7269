/**
 * The runtime's control connection to the shard's Redis. Data takes other ways.
 *
 * @module
 */

import { Redis } from "ioredis";
import { PinionError } from "../errors.ts";
import type { RedisAddress } from "../redis/redis_url.ts";
import type { LogBook } from "./log_book.ts";

/** Longest pause between two attempts to connect, in milliseconds. */
const MAX_RETRY_MS = 1_000;
/** How long a command may take, in milliseconds. */
const COMMAND_TIMEOUT_MS = 5_000;

/** See the module. */
export class ShardRedis implements Disposable {
  readonly client: Redis;
  /** `redis 7.0.15`, once it is known. */
  server: string | undefined;
  /** Whether the server runs in cluster mode. */
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
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  private constructor(address: RedisAddress, logs: LogBook) {
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

  get isUp(): boolean {
    return this.client.status === "ready";
  }

  /** @throws `REDIS_UNAVAILABLE` if it is not there now */
  requireUp(): void {
    if (!this.isUp) throw unavailable();
  }

  [Symbol.dispose](): void {
    this.client.disconnect();
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

function unavailable(cause?: unknown): PinionError {
  return new PinionError(
    "REDIS_UNAVAILABLE",
    "Redis cannot be reached; the runtime goes on trying, try again when it is back",
    { cause },
  );
}

/** What a failure of ioredis means. The message tells neither address nor password. */
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
