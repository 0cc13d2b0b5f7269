/**
 * The interface through which libraries use the registrations of this shard. It stands alone, so
 * that neither knows how the other works.
 *
 * @module
 */

import type { RedisUser } from "../../../redis/redis_url.ts";
import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import type { ServingLibrary } from "./serving.ts";

/** The version of a library that serves from now on. */
export interface ServedVersion {
  /** Text that tells it from other versions, also from one of the same number. */
  readonly mark: string;
  readonly registrations: readonly StoredRegistration[];
}

/** Library whose registrations are checked. */
export interface CheckContext {
  /** Libraries whose registrations do not stay beside them. */
  readonly replaced: readonly string[];
  /** Redis user of their code; undefined: the runtime's own. */
  readonly redisUser: RedisUser | undefined;
}

/** Options of an end. */
export interface EndOptions {
  /** Do not run what has not begun. */
  readonly abortPending: boolean;
}

/** Registers and ends the registrations of libraries. */
export interface RegistrationPort {
  /** An id that no registration has had. @throws `REDIS_UNAVAILABLE`, `REDIS_ERROR` */
  newId(): Promise<string>;
  /**
   * Refuses what cannot fire here.
   *
   * @throws `BAD_ARGUMENT`, `UNSUPPORTED`, `REDIS_REFUSED`, with the reason
   */
  check(registrations: readonly StoredRegistration[], place: CheckContext): Promise<void>;
  /**
   * Lets a version's registrations fire, and ends those of the library that it does not have.
   * Resolves when events are taken.
   */
  serve(library: ServingLibrary, version: ServedVersion, options: EndOptions): Promise<void>;
  /** Ends all registrations of a library. Resolves when nothing of them is under way. */
  remove(library: string, options: EndOptions): Promise<void>;
  /** Ids of the registrations of a library. */
  idsOf(library: string): readonly string[];
}
