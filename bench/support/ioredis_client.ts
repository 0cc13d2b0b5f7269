/**
 * An ioredis client that is closed at the end of a scope.
 *
 * @module
 */

import { Redis } from "ioredis";

/** A connected client. */
export async function connectClient(
  url: string,
): Promise<Disposable & { readonly redis: Redis }> {
  const redis = new Redis(url, { lazyConnect: true });
  await redis.connect();
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}
