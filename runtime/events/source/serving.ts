/**
 * Sessions and libraries as the events of their registrations see them: interfaces only.
 *
 * @module
 */

import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import type { RedisUser } from "../../../redis/redis_url.ts";
import type { Session } from "../../session/session.ts";

/** A session that runs a registration's events. */
export interface ServingModule {
  readonly session: Session;
  /** Position of the registration among those of its module; counts from 0. */
  readonly registration: number;
}

/** A session of a version, with what its module registers, by their places in it. */
export interface ServingSession {
  readonly session: Session;
  readonly registrations: readonly StoredRegistration[];
}

/** A library as its registrations see it. */
export interface ServingLibrary {
  readonly name: string;
  /** Redis user of its code; undefined: the runtime's own. */
  readonly redisUser: RedisUser | undefined;
  /** The session that serves, if it is there already. */
  readonly live: ServingSession | null;
  /** The session that serves, opened if need be. @throws as an invocation */
  load(): Promise<ServingSession>;
}
