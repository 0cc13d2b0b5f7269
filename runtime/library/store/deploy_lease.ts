/**
 * Lets one runtime of a cluster change a library at a time.
 *
 * The lease is a key beside the libraries. It runs out by itself, should its holder die; who holds
 * it asks again before the change becomes visible.
 *
 * @module
 */

import { delay } from "@std/async";
import type { Cluster, Redis } from "ioredis";
import { PinionError } from "../../../errors.ts";

const KEY_PREFIX = "__pinion:{libraries}:changing:";
/** Time that a change may take, in milliseconds: every shard loads the library meanwhile. */
const LEASE_MS = 60_000;
/** Time that must be left of it when a change becomes visible. */
const LEAST_MS = 10_000;
/** Time for which a change waits for the one before it. */
const WAIT_MS = 30_000;
const RETRY_MS = 50;

/** Deletes the key if it still holds the token. */
const RELEASE =
  `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end`;

/** Holds the right to change one library. */
export class DeployLease implements AsyncDisposable {
  readonly #redis: Redis | Cluster;
  readonly #name: string;
  readonly #token = crypto.randomUUID();

  /** Waits until nobody else changes the library. @throws `LIBRARY_BUSY` */
  static async acquire(redis: Redis | Cluster, name: string): Promise<DeployLease> {
    const lease = new DeployLease(redis, name);
    const deadline = performance.now() + WAIT_MS;
    while (true) {
      const taken = await redis.set(lease.#key, lease.#token, "PX", LEASE_MS, "NX");
      if (taken !== null) return lease;
      if (performance.now() >= deadline) throw isBusy(name, "another change of it is under way");
      await delay(RETRY_MS);
    }
  }

  private constructor(redis: Redis | Cluster, name: string) {
    this.#redis = redis;
    this.#name = name;
  }

  /** @throws `LIBRARY_BUSY` if it is not held any more, or not for long */
  async check(): Promise<void> {
    const holder = await this.#redis.get(this.#key);
    const leftMs = await this.#redis.pttl(this.#key);
    if (holder !== this.#token || leftMs < LEAST_MS) {
      throw isBusy(
        this.#name,
        `loading it on every shard took more than ${LEASE_MS - LEAST_MS} ms`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Where Redis cannot be reached it runs out.
    await this.#redis.eval(RELEASE, 1, this.#key, this.#token).catch(() => {});
  }

  get #key(): string {
    return `${KEY_PREFIX}${this.#name}`;
  }
}

function isBusy(name: string, why: string): PinionError {
  return new PinionError(
    "LIBRARY_BUSY",
    `Cannot change library ${name}: ${why}; nothing was changed, try again`,
  );
}
