/**
 * Whether a client may run commands of ours.
 *
 * The runtime works with its own rights, so a command of ours must not give a client more than it
 * has: who may run scripts in Redis may run RG commands. Redis itself is asked, over the client's own
 * connection, by `EVAL "return 1" 0`; its refusal is the reply to the client's command.
 *
 * @module
 */

import { ERROR_KINDS, type ErrorCode, PinionError } from "../../../errors.ts";
import { TYPE } from "../../../redis/resp_frame.ts";
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

  /** An answer holds for `validMs`. */
  constructor(validMs: number) {
    this.#validMs = validMs;
  }

  /** The client may have become another user. */
  invalidate(): void {
    this.#grantedAtMs = undefined;
  }

  /** Whether they were found just now. */
  get isGranted(): boolean {
    const grantedAtMs = this.#grantedAtMs;
    return grantedAtMs !== undefined && performance.now() - grantedAtMs < this.#validMs;
  }

  /**
   * Asks Redis, unless it was asked just now. No reply may be outstanding.
   *
   * @throws {PinionError} with Redis' own text: `NOT_AUTHENTICATED`, `NOT_PERMITTED`, `REDIS_ERROR`,
   * or `REDIS_UNAVAILABLE` where it is gone or does not serve now
   */
  async check(upstream: Upstream, access: Exclude<CommandAccess, "open">): Promise<void> {
    if (this.isGranted) return;
    const grantedAtMs = this.#grantedAtMs;
    let frame: Uint8Array;
    try {
      frame = await upstream.ask(["EVAL", "return 1", "0"]);
    } catch (error) {
      if (access === "local" && grantedAtMs !== undefined) return;
      throw error;
    }
    const isGranted = frame[0] === TYPE.integer;
    this.#grantedAtMs = isGranted ? performance.now() : undefined;
    if (!isGranted) throw toRefusal(frame);
  }
}

/** Codes by the first word of Redis' error. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  NOAUTH: "NOT_AUTHENTICATED",
  NOPERM: "NOT_PERMITTED",
  LOADING: "REDIS_UNAVAILABLE",
  BUSY: "REDIS_UNAVAILABLE",
  MASTERDOWN: "REDIS_UNAVAILABLE",
};

/** Redis' error line as an error of ours. */
function toRefusal(frame: Uint8Array): PinionError {
  const line = new TextDecoder().decode(frame).slice(1).trimEnd();
  const [word] = line.split(" ", 1);
  const code = REFUSALS[word] ?? "REDIS_ERROR";
  const isNamed = ERROR_KINDS[code].resp === word;
  return new PinionError(code, isNamed ? line.slice(word.length + 1) : line);
}
