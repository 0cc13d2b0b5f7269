/**
 * What of registrations outlives the process, besides their plans, which are kept with the versions
 * of libraries.
 *
 * ```text
 * __pinion:{libraries}:registrations:next     number of the last id that was given
 * __pinion:{libraries}:registrations:states   hash: id → PAUSED or DRAINING, of the whole cluster
 * __pinion:{TAG}:registered                   hash: id → version whose onRegistered was called here
 * ```
 *
 * The last one is in each shard's own Redis, under a key of its lowest slot, so that it goes where
 * the data go in a failover.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import { PinionError } from "../../../errors.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";

/** Why a registration takes nothing new although it could. */
export type PauseState = "PAUSED" | "DRAINING";

const NEXT_KEY = "__pinion:{libraries}:registrations:next";
const STATES_KEY = "__pinion:{libraries}:registrations:states";

/** Reads and writes it. Every method rejects with `REDIS_UNAVAILABLE` or `REDIS_ERROR`. */
export class RegistrationStore {
  readonly #redis: ShardRedis;
  readonly #coordinator: Coordinator;

  constructor(redis: ShardRedis, coordinator: Coordinator) {
    this.#redis = redis;
    this.#coordinator = coordinator;
  }

  /** An id that there has not been. */
  async nextId(): Promise<string> {
    const number = await orFailure(this.#redis.shared.incr(NEXT_KEY));
    return `${this.#coordinator.shardId}-${number}`;
  }

  /** Those that take nothing new. */
  async states(): Promise<Map<string, PauseState>> {
    const states = await orFailure(this.#redis.shared.hgetall(STATES_KEY));
    return new Map(Object.entries(states) as [string, PauseState][]);
  }

  /** Sets, or with null removes, the state of some at once. */
  async setStates(ids: readonly string[], state: PauseState | null): Promise<void> {
    if (ids.length === 0) return;
    const { shared } = this.#redis;
    await orFailure<unknown>(
      state === null
        ? shared.hdel(STATES_KEY, ...ids)
        : shared.hset(STATES_KEY, new Map(ids.map((id) => [id, state]))),
    );
  }

  /** The version whose `onRegistered` was called on this shard; null if there is none. */
  registeredVersion(id: string): Promise<string | null> {
    return orFailure(this.#redis.client.hget(this.#registeredKey, id));
  }

  async setRegisteredVersion(id: string, mark: string): Promise<void> {
    await orFailure(this.#redis.client.hset(this.#registeredKey, id, mark));
  }

  /** The registration is gone. */
  async forget(id: string): Promise<void> {
    await orFailure(this.#redis.client.hdel(this.#registeredKey, id));
    await orFailure(this.#redis.shared.hdel(STATES_KEY, id));
  }

  get #registeredKey(): string {
    return `__pinion:{${this.#coordinator.hashtag()}}:registered`;
  }
}

/** What a command of ioredis fails with, as one of our errors. */
async function orFailure<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (cause) {
    const isReply = cause instanceof Error && cause.name === "ReplyError";
    throw isReply
      ? new PinionError("REDIS_ERROR", `Redis answered ${cause.message}`, { cause })
      : new PinionError(
        "REDIS_UNAVAILABLE",
        "Redis cannot be reached; the runtime goes on trying, try again when it is back",
        { cause },
      );
  }
}
