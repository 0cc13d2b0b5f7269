/**
 * What a kind of trigger is to the registrations: a row of the table of sources.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { RedisUser } from "../../../redis/redis_url.ts";
import type { RegistrationPlan, TriggerSpec } from "../../../contract/plan/registration.ts";
import type { ConfigStore } from "../../base/config_store.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";
import type { LogBook } from "../../base/log_book.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";
import type { CallReply } from "../sources/commands/call_reply.ts";
import type { CommandTriggers } from "../sources/commands/command_triggers.ts";
import type { Chains } from "../chains/chains.ts";
import type { EventRunner, EventSource } from "./event_source.ts";
import type { ServingModule } from "../delivery/library_runner.ts";
import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import type { RegistrationStatistics } from "./statistics.ts";

/** What sources need of the runtime. */
export interface TriggerServices {
  readonly redis: ShardRedis;
  readonly coordinator: Coordinator;
  readonly config: ConfigStore;
  readonly logs: LogBook;
  readonly executions: ExecutionStore;
  /** What commands call. */
  readonly commands: CommandTriggers<CallReply>;
  readonly chains: Chains;
  /** Takes what sources have in common; closed when all of them are. */
  readonly owned: AsyncDisposableStack;
}

/** What a source is opened with. */
export interface SourcePlace {
  /** Library or session that it belongs to. */
  readonly library: string;
  readonly registration: StoredRegistration;
  /** Who its code is in Redis, and what it may take events of; undefined: the runtime's own user. */
  readonly redisUser: RedisUser | undefined;
  /** Runs what the source delivers. */
  readonly runner: EventRunner;
  /**
   * The session that serves now, opened if need be; at once where it is there. For those who need no
   * runner.
   *
   * @throws why there is none: `LIBRARY_STOPPED`, `SCRIPT_*`, `LIMIT_*`, `NO_REGISTRATION`
   */
  readonly serve: () => ServingModule | Promise<ServingModule>;
  readonly statistics: RegistrationStatistics;
}

/** What a plan is checked beside. */
export interface PlanPlace {
  /** What is registered on this shard by other modules. */
  readonly others: readonly RegistrationPlan[];
  /** What its own module registers before it. */
  readonly siblings: readonly RegistrationPlan[];
  /** Who its code is in Redis; undefined: the runtime's own user. */
  readonly redisUser: RedisUser | undefined;
}

/** A row of the table. */
export interface SourceKind {
  /**
   * Refuses what can never fire here, or asks for what the server cannot give.
   *
   * @throws `BAD_ARGUMENT`, `UNSUPPORTED`, `REDIS_REFUSED`, with the reason
   */
  check(plan: RegistrationPlan, place: PlanPlace): void | Promise<void>;
  /** A source that does not take events yet. */
  open(place: SourcePlace): EventSource;
}

/** A row for each reader. */
export type SourceTable = Readonly<Record<TriggerSpec["reader"], SourceKind>>;
