/**
 * Bounds of the HTTP adapter.
 *
 * @module
 */

/** Every limit of the adapter; {@linkcode HTTP_LIMITS} has the defaults. */
export interface HttpLimits {
  /** Longest body of a request. */
  readonly maxBodyBytes: number;
  /** A request that takes longer than this is watched for a client that leaves, which aborts it. */
  readonly watchAfterMs: number;
  /** Events that a slow client may leave unread before lines of the log are left out. */
  readonly maxUnreadEvents: number;
}

/** The defaults. */
export const HTTP_LIMITS: HttpLimits = {
  maxBodyBytes: 8 * 1024 * 1024,
  watchAfterMs: 250,
  maxUnreadEvents: 256,
};
