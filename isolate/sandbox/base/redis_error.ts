/**
 * The error of Redis as user code gets it.
 *
 * @module
 */

/** An error that Redis answered with; the message is Redis' own. */
export class RedisError extends Error {
  override name = "RedisError";
}
