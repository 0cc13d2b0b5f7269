/**
 * Bounds of the HTTP adapter.
 *
 * @module
 */

/** Every limit of the adapter; {@linkcode HTTP_LIMITS} has the defaults. */
export interface HttpLimits {
  /** Connections at a time; one more is told so and closed, unless another one does nothing. */
  readonly maxClients: number;
  /** Longest body of a request. */
  readonly maxBodyBytes: number;
  /** A connection whose first request is not there after so long is cut off. */
  readonly headerTimeoutMs: number;
  /** A request whose body is not there after so long is cut off with its connection. */
  readonly bodyTimeoutMs: number;
  /**
   * A connection without a request is cut off after so long: one that is kept alive, one whose next
   * request comes slowly, and one whose client does not read its reply.
   */
  readonly maxIdleMs: number;
  /** A request that takes longer than this is watched for a client that leaves, which aborts it. */
  readonly watchAfterMs: number;
  /** Events that a slow client may leave unread before lines of the log are left out. */
  readonly maxUnreadEvents: number;
}

/** The defaults. */
export const HTTP_LIMITS: HttpLimits = {
  maxClients: 10_000,
  maxBodyBytes: 8 * 1024 * 1024,
  headerTimeoutMs: 10_000,
  bodyTimeoutMs: 60_000,
  maxIdleMs: 120_000,
  watchAfterMs: 250,
  maxUnreadEvents: 256,
};
