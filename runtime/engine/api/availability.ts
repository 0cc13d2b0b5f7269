/**
 * The one test that use cases make before they begin: this runtime acts for its shard, and its
 * Redis answers.
 *
 * @module
 */

import type { OwnRuntime } from "../../../coordinator/coordinator.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";

/** Tells whether this runtime can serve now. */
export class Availability {
  readonly #redis: Pick<ShardRedis, "requireUp">;
  readonly #runtime: Pick<OwnRuntime, "requireActing">;

  constructor(
    redis: Pick<ShardRedis, "requireUp">,
    runtime: Pick<OwnRuntime, "requireActing">,
  ) {
    this.#redis = redis;
    this.#runtime = runtime;
  }

  /** Refuses where another runtime acts for the shard. @throws `STANDBY` */
  requireActing(): void {
    this.#runtime.requireActing();
  }

  /** Uses an acting runtime with a Redis. @throws `REDIS_UNAVAILABLE`, `STANDBY` */
  async whileUp<T>(use: () => Promise<T>): Promise<T> {
    this.#redis.requireUp();
    this.#runtime.requireActing();
    return await use();
  }
}
