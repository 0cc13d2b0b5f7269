/**
 * Opens sessions: an isolate from the pool, with what the shard has for every one of them.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ConfigStore } from "../base/config_store.ts";
import type { SessionInfo } from "../../contract/api/session_info.ts";
import type { ClusterExecutions } from "../execution/cluster_executions.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ListenPattern } from "../../contract/isolate/messages/chain.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import type { IsolatePool } from "../../isolate/process/isolate_pool.ts";
import type { SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { LogBook } from "../base/log_book.ts";
import { readSlots } from "./base/read_slots.ts";
import { type AbortPolicy, Session } from "./session.ts";
import type { SessionHooks } from "./session_hooks.ts";
import type { ChainTeller, SessionContext } from "./base/session_context.ts";

/** Options of a session. */
export interface OpenOptions {
  readonly id: string;
  readonly description?: string;
  /** Name of the library, if it is one. */
  readonly library?: string;
  /** Hash of its version, by which shards know that they have the same. */
  readonly version?: string;
  /** `HOST:PORT` that its code may connect to. Default none. */
  readonly allowNet?: readonly string[];
  /** Redis user that its commands run as. Default: the runtime's own. */
  readonly redisUser?: { readonly username: string; readonly password: string };
  readonly limits: SessionLimits;
  readonly abortPolicy: AbortPolicy;
  readonly places?: SessionContext["places"];
  readonly hooks?: SessionHooks;
}

interface OpenSession {
  readonly session: Session;
  readonly options: OpenOptions;
}

/** Opens, lists and ends sessions. */
export class Sessions {
  readonly #pool: IsolatePool;
  readonly #executions: ExecutionStore;
  readonly #logs: LogBook;
  readonly #config: ConfigStore;
  readonly #coordinator: Coordinator;
  readonly #redis: { readonly address: RedisAddress; readonly clustered: boolean };
  readonly #open = new Set<OpenSession>();
  readonly #chains: ChainTeller;
  /** Patterns of keys that registrations wait for. */
  #listens: readonly ListenPattern[] = [];
  /** Slots that sessions were told last. */
  #slots = "";
  /** Executions that other shards take part in; set where there is a mesh. */
  cluster: ClusterExecutions | null = null;

  constructor(
    parts: {
      pool: IsolatePool;
      executions: ExecutionStore;
      logs: LogBook;
      config: ConfigStore;
      coordinator: Coordinator;
      chains: ChainTeller;
      redis: { readonly address: RedisAddress; readonly clustered: boolean };
    },
  ) {
    this.#pool = parts.pool;
    this.#executions = parts.executions;
    this.#logs = parts.logs;
    this.#config = parts.config;
    this.#coordinator = parts.coordinator;
    this.#chains = parts.chains;
    this.#redis = parts.redis;
    parts.coordinator.onChange(() => this.#broadcastSlots());
  }

  /** @throws `LIMIT_ISOLATES`, `ISOLATE_DIED` */
  async open(options: OpenOptions): Promise<Session> {
    const { allowNet, abortPolicy } = options;
    const isolate = await this.#pool.take(allowNet, abortPolicy === "kill");
    // The master may be another one than when the isolate was started in advance.
    isolate.useRedis({ ...this.#redis.address, ...options.redisUser }, this.#redis.clustered);
    const slots = this.#redis.clustered ? readSlots(this.#coordinator) : null;
    if (slots !== null) isolate.useSlots(slots);
    const context = {
      executions: this.#executions,
      cluster: this.cluster,
      logs: this.#logs,
      chains: this.#chains,
      limits: options.limits,
      version: options.version,
      places: options.places,
    };
    const session = new Session(options.id, isolate, context, options);
    if (this.#listens.length > 0) session.tell({ type: "listens", patterns: this.#listens });
    const open = { session, options };
    this.#open.add(open);
    session.ended.then(() => this.#open.delete(open));
    return session;
  }

  /** Makes the message that tells a sandbox of this shard. */
  loadMessage(
    { mayBeKept = false, ...module }:
      & Pick<LoadMessage, "kind" | "fileName" | "source" | "env" | "replay" | "isKept">
      & {
        /** True if it may register: it is loaded again then. */
        readonly mayBeKept?: boolean;
      },
  ): LoadMessage {
    return {
      type: "load",
      ...module,
      config: this.#config.extra(),
      hashtag: this.#coordinator.hashtag(),
      shardId: this.#coordinator.isClustered ? this.#coordinator.shardId : "1",
      record: (mayBeKept || this.#coordinator.isClustered) && module.replay === undefined,
    };
  }

  /** Ends an execution wherever it runs. */
  async abort(executionId: string): Promise<void> {
    const reason = new PinionError("EXECUTION_ABORTED", "The execution was aborted");
    for (const { session } of this.#open) {
      if (await session.abort(executionId, reason)) return;
    }
  }

  /**
   * Ends all that runs: another runtime acts for the shard now. Libraries are loaded when needed.
   */
  async standDown(reason: PinionError): Promise<void> {
    await Promise.all(Array.from(this.#open, ({ session }) => session.kill(reason)));
  }

  /** Tells every session what RG.CONFIGSET has set. */
  broadcastConfig(): void {
    for (const { session } of this.#open) {
      session.tell({ type: "config", config: this.#config.extra() });
    }
  }

  /** Tells every session what the registrations of this shard wait for. */
  setListens(patterns: readonly ListenPattern[]): void {
    this.#listens = patterns;
    for (const { session } of this.#open) session.tell({ type: "listens", patterns });
  }

  #broadcastSlots(): void {
    const map = readSlots(this.#coordinator);
    const text = JSON.stringify(map);
    if (map === null || text === this.#slots) return;
    this.#slots = text;
    for (const { session } of this.#open) session.setSlots(map);
  }

  list(): SessionInfo[] {
    // What has been killed and has nothing under way is over, also while its process still ends.
    const open = [...this.#open].filter(({ session }) => session.isAlive || session.activity > 0);
    return open.map(({ session, options }) => ({
      id: options.id,
      ...(options.description !== undefined && { description: options.description }),
      refCount: session.activity,
      dead: session.isRetired || !session.isAlive,
      registrations: [],
      ...(options.library !== undefined && { library: options.library }),
    }));
  }
}
