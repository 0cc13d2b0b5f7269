/**
 * Whether a client may run commands of ours.
 *
 * The runtime works with its own rights, so a command of ours must not give a client more than it
 * has: who may run scripts in Redis may run RG commands. Redis itself is asked, over the client's own
 * connection, by `EVAL "return 1" 0`; its refusal is the reply to the client's command.
 *
 * @module
 */

import { TYPE } from "../../redis/resp_frame.ts";
import type { Upstream } from "./upstream.ts";

/**
 * What a command of ours needs. `open`: nothing. `local`: rights; those that were found before are
 * enough while Redis is down. `redis`: rights, and Redis.
 */
export type CommandAccess = "open" | "local" | "redis";

/** The rights of one client, as far as they are known. */
export class RightsCheck {
  readonly #validMs: number;
  #grantedAtMs: number | undefined;

  /** @param validMs How long an answer holds. */
  constructor(validMs: number) {
    this.#validMs = validMs;
  }

  /** The client may have become another user. */
  invalidate(): void {
    this.#grantedAtMs = undefined;
  }

  /**
   * Asks Redis, unless it was asked just now. No reply may be outstanding.
   *
   * @returns the error of Redis, as a frame, if the client may not
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async check(
    upstream: Upstream,
    access: Exclude<CommandAccess, "open">,
  ): Promise<Uint8Array | undefined> {
    const grantedAtMs = this.#grantedAtMs;
    const isFresh = grantedAtMs !== undefined && performance.now() - grantedAtMs < this.#validMs;
    if (isFresh) return undefined;
    try {
      const frame = await upstream.ask(["EVAL", "return 1", "0"]);
      const isGranted = frame[0] === TYPE.integer;
      this.#grantedAtMs = isGranted ? performance.now() : undefined;
      return isGranted ? undefined : frame;
    } catch (error) {
      if (access === "local" && grantedAtMs !== undefined) return undefined;
      throw error;
    }
  }
}
