/**
 * The one test that use cases make before they begin: this runtime acts for its shard, and its
 * Redis answers.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";

/** Tells whether this runtime can serve now. */
export class Availability {
  readonly #redis: Pick<ShardRedis, "requireUp">;
  readonly #coordinator: Pick<Coordinator, "requireActing">;

  constructor(
    redis: Pick<ShardRedis, "requireUp">,
    coordinator: Pick<Coordinator, "requireActing">,
  ) {
    this.#redis = redis;
    this.#coordinator = coordinator;
  }

  /** Refuses where another runtime acts for the shard. @throws `STANDBY` */
  requireActing(): void {
    this.#coordinator.requireActing();
  }

  /** Uses an acting runtime with a Redis. @throws `REDIS_UNAVAILABLE`, `STANDBY` */
  async whileUp<T>(use: () => Promise<T>): Promise<T> {
    this.#redis.requireUp();
    this.#coordinator.requireActing();
    return await use();
  }
}
