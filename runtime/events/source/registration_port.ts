/**
 * What libraries tell the registrations of this shard: the interface only, so that neither knows how
 * the other works.
 *
 * @module
 */

import type { RedisUser } from "../../../redis/redis_url.ts";
import type { Session } from "../../session/session.ts";
import type { StoredRegistration } from "../../../contract/api/registration_info.ts";

/** A session of a version, with what its module registers, by their places in it. */
export interface ServingSession {
  readonly session: Session;
  readonly registrations: readonly StoredRegistration[];
}

/** A library as its registrations see it. */
export interface ServingLibrary {
  readonly name: string;
  /** Who its code is in Redis; undefined: the runtime's own user. */
  readonly redisUser: RedisUser | undefined;
  /** The session that serves, if it is there already. */
  readonly live: ServingSession | null;
  /** The session that serves, opened if need be. @throws as an invocation */
  load(): Promise<ServingSession>;
}

/** The version of a library that serves from now on. */
export interface ServedVersion {
  /** What tells it from other versions, also from one of the same number. */
  readonly mark: string;
  readonly registrations: readonly StoredRegistration[];
}

/** Whose registrations are checked. */
export interface CheckPlace {
  /** Libraries whose registrations do not stay beside them. */
  readonly replaced: readonly string[];
  /** Who their code is in Redis; undefined: the runtime's own user. */
  readonly redisUser: RedisUser | undefined;
}

/** How registrations end. */
export interface EndOptions {
  /** Do not run what has not begun. */
  readonly abortPending: boolean;
}

/** See the module. */
export interface RegistrationHost {
  /** An id that no registration has had. @throws `REDIS_UNAVAILABLE`, `REDIS_ERROR` */
  newId(): Promise<string>;
  /**
   * Refuses what cannot fire here.
   *
   * @throws `BAD_ARGUMENT`, `UNSUPPORTED`, `REDIS_REFUSED`, with the reason
   */
  check(registrations: readonly StoredRegistration[], place: CheckPlace): Promise<void>;
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
