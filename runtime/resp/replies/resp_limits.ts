/**
 * Bounds of the RESP adapter: what one client, and all of them, may hold.
 *
 * @module
 */

/** Every limit of the adapter; all of them must be given, {@linkcode RESP_LIMITS} has the defaults. */
export interface RespLimits {
  /** Clients at a time; one more is told so and closed. */
  readonly maxClients: number;
  /** Longest script of RG.TSEXECUTE, and the sum of the arguments of any other RG command. */
  readonly maxScriptBytes: number;
  /** Most arguments of an RG command. */
  readonly maxArgs: number;
  /** Longest reply to an RG command. */
  readonly maxReplyBytes: number;
  /** What is read of a client, or of its Redis, at a time; the longest inline command. */
  readonly readBufferBytes: number;
  /** A client that neither sends nor receives for so long is closed; 0: never, as in Redis. */
  readonly maxIdleMs: number;
  /** A client that leaves an RG command unfinished, or a reply unread, for so long is closed. */
  readonly maxStallMs: number;
  /** How long connecting to Redis may take. */
  readonly connectTimeoutMs: number;
  /** How long an answer of Redis about a client's rights may be relied on. */
  readonly rightsMs: number;
}

/** The defaults. */
export const RESP_LIMITS: RespLimits = {
  maxClients: 10_000,
  maxScriptBytes: 8 * 1024 * 1024,
  maxArgs: 1024,
  maxReplyBytes: 256 * 1024 * 1024,
  readBufferBytes: 64 * 1024,
  maxIdleMs: 0,
  maxStallMs: 60_000,
  connectTimeoutMs: 2_000,
  rightsMs: 1_000,
};
