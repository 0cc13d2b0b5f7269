/**
 * The Redis that the demo plays with: one server, or the masters of a cluster.
 *
 * @module
 */

import { Redis } from "ioredis";
import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { keySlot } from "../../redis/slots.ts";

const PIPELINE_LENGTH = 2_000;

/** A command, its key first behind the name. */
export type KeyCommand = readonly [name: string, key: string, ...args: string[]];

/** A server, and the slots that it owns. */
interface Master {
  readonly redis: Redis;
  readonly slots: readonly (readonly [first: number, last: number])[];
}

/** Writes and reads the demo's keys. */
export class DemoStore implements Disposable {
  readonly #masters: Master[] = [];

  /** Connects. In a cluster any of its nodes will do. */
  static async connect(address: RedisAddress): Promise<DemoStore> {
    const store = new DemoStore();
    const first = connectRedis(address);
    try {
      const info = await first.info("cluster");
      if (!info.includes("cluster_enabled:1")) {
        store.#masters.push({ redis: first, slots: [[0, 16_383]] });
        return store;
      }
      for (const [from, to, master] of await first.cluster("SLOTS")) {
        if (master === undefined) continue;
        const [host, port] = master;
        const redis = connectRedis({ ...address, host: host || address.host, port });
        store.#masters.push({ redis, slots: [[from, to]] });
      }
      first.disconnect();
      return store;
    } catch (error) {
      first.disconnect();
      store[Symbol.dispose]();
      throw error;
    }
  }

  /** Runs commands at the owners of their keys. @throws `REDIS_ERROR` if one is refused */
  async sendAll(commands: readonly KeyCommand[]): Promise<void> {
    await Promise.all(this.#masters.map(async ({ redis, slots }) => {
      const own = this.#masters.length === 1 ? commands : commands.filter(([, key]) => {
        const slot = keySlot(key);
        return slots.some(([first, last]) => first <= slot && slot <= last);
      });
      for (let at = 0; at < own.length; at += PIPELINE_LENGTH) {
        const batch = own.slice(at, at + PIPELINE_LENGTH).map((command) => [...command]);
        const replies = await redis.pipeline(batch).exec();
        const failed = replies?.find(([error]) => error !== null)?.[0];
        if (failed) throw new PinionError("REDIS_ERROR", failed.message);
      }
    }));
  }

  /** The keys that match. */
  async scan(pattern: string): Promise<string[]> {
    const keys = new Set<string>();
    for (const { redis } of this.#masters) {
      for await (const batch of redis.scanStream({ match: pattern, count: 1_000 })) {
        for (const key of batch as string[]) keys.add(key);
      }
    }
    return [...keys];
  }

  /** Number of keys. */
  async countKeys(): Promise<number> {
    const counts = await Promise.all(this.#masters.map(({ redis }) => redis.dbsize()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    for (const { redis } of this.#masters) redis.disconnect();
  }
}

/** A connection that gives up at once where nothing answers. */
export function connectRedis({ tls, ...address }: RedisAddress): Redis {
  const redis = new Redis({
    ...address,
    ...(tls && { tls: {} }),
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => {}); // the command that needs it rejects
  return redis;
}
