/**
 * Says when and whether a command of ours may take its turn among those that go to Redis.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { RedisSide } from "./redis_side.ts";
import type { CommandAccess, RightsCheck } from "./rights_check.ts";

/** Error of RedisGears in a transaction. */
const NO_MULTI = "Can not run gears inside a multi exec, lua, or when blocking is not allowed";
/** A command that no Redis knows: in a transaction, it makes EXEC fail. */
const UNKNOWN_COMMAND = "RG.NOT_INSIDE_MULTI";

/** Lets commands of ours in between the client's commands to Redis. */
export class TurnGate {
  readonly #side: RedisSide;
  readonly #rights: RightsCheck;

  /** The gate of the client that has this at Redis, and these rights. */
  constructor(side: RedisSide, rights: RightsCheck) {
    this.#side = side;
    this.#rights = rights;
  }

  /** Tells whether a command of ours may take its turn now, without {@linkcode take}. */
  get isFree(): boolean {
    const { tracker, state } = this.#side;
    return tracker.mode === "synced" && tracker.outstanding === 0 && !state.isInMulti;
  }

  /**
   * Waits for the turn of a command of ours.
   *
   * @param name For the error in subscriber mode.
   * @throws {PinionError} `NO_MULTI`, `BAD_ARGUMENT` in subscriber mode, `REDIS_UNAVAILABLE`
   */
  async take(name: string): Promise<void> {
    const side = this.#side;
    await side.upstream.settle();
    if (side.tracker.mode === "opaque") {
      throw new PinionError("UNSUPPORTED", "Cannot run RG commands on this connection any more");
    }
    if (!await side.resync()) throw refuseSubscriber(name);
    if (!side.state.isInMulti) return;
    await side.upstream.ask([UNKNOWN_COMMAND]);
    throw new PinionError("NO_MULTI", NO_MULTI);
  }

  /**
   * Makes sure that the client may run a command of ours.
   *
   * @throws {PinionError} what `RightsCheck.check` throws
   */
  async admit(access: CommandAccess): Promise<void> {
    if (access !== "open") await this.#rights.check(this.#side.upstream, access);
  }

  /** Tells whether {@linkcode admit} would let it pass without asking. */
  isAdmitted(access: CommandAccess): boolean {
    return access === "open" || this.#rights.isGranted;
  }
}

function refuseSubscriber(name: string): PinionError {
  return new PinionError(
    "BAD_ARGUMENT",
    `Can't execute '${name.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / ` +
      "QUIT / RESET are allowed in this context",
  );
}
