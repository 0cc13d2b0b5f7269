/**
 * A plain client of a Redis, or of a runtime's RESP side, for what a test has to set up and check.
 *
 * @module
 */

import { Redis } from "ioredis";

/** Connects; it is closed when it is disposed. */
export function connectRedis(url: string): Redis & AsyncDisposable {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  return Object.assign(redis, {
    [Symbol.asyncDispose]: async () => {
      if (redis.status === "end") return;
      const ended = new Promise((resolve) => redis.once("end", resolve));
      redis.disconnect();
      await ended;
    },
  });
}
