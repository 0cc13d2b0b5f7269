/**
 * A kind of source: a row of the table that registrations open their sources from.
 *
 * @module
 */

import type { RedisUser } from "../../../redis/redis_url.ts";
import type { RegistrationPlan, TriggerSpec } from "../../../contract/plan/registration.ts";
import type { EventRunner, EventSource } from "./event_source.ts";
import type { ServingModule } from "./serving.ts";
import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import type { RegistrationStatistics } from "./statistics.ts";

/** Services that a source is opened with. */
export interface SourceDeps {
  /** Library or session that it belongs to. */
  readonly library: string;
  readonly registration: StoredRegistration;
  /**
   * Redis user of its code, whose rights say which events it may take; undefined: the runtime's
   * own.
   */
  readonly redisUser: RedisUser | undefined;
  /** Runs what the source delivers. */
  readonly runner: EventRunner;
  /**
   * The session that serves now, opened if need be; at once where it is there. For those who need
   * no runner.
   *
   * @throws why there is none: `LIBRARY_STOPPED`, `SCRIPT_*`, `LIMIT_*`, `NO_REGISTRATION`
   */
  readonly serve: () => ServingModule | Promise<ServingModule>;
  readonly statistics: RegistrationStatistics;
}

/** Registrations and rights that a plan is checked beside. */
export interface PlanContext {
  /** Plans of this shard's registrations by other modules. */
  readonly others: readonly RegistrationPlan[];
  /** Plans that its own module registers before it. */
  readonly siblings: readonly RegistrationPlan[];
  /** Redis user of its code; undefined: the runtime's own. */
  readonly redisUser: RedisUser | undefined;
}

/** A row of the table. */
export interface SourceKind {
  /**
   * Refuses what can never fire here, or asks for what the server cannot give.
   *
   * @throws `BAD_ARGUMENT`, `UNSUPPORTED`, `REDIS_REFUSED`, with the reason
   */
  check(plan: RegistrationPlan, place: PlanContext): void | Promise<void>;
  /** A source that does not take events yet. */
  open(deps: SourceDeps): EventSource;
}

/** A row for each reader. */
export type SourceTable = Readonly<Record<TriggerSpec["reader"], SourceKind>>;
