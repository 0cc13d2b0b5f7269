/**
 * Builds the engine of one shard from its parts.
 *
 * @module
 */

import type { Coordinator, Shard } from "../../coordinator/coordinator.ts";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type { ResolvedConfig } from "../base/config.ts";
import { ConfigStore } from "../base/config_store.ts";
import type {
  ClusterInfo,
  ClusterStatus,
  DeployRequest,
  Engine,
  ExecutionInfo,
  ExecutionOutcome,
  ExecutionProgress,
  ExecutionScope,
  ExecutionSummary,
  FetchReply,
  FetchRequest,
  Health,
  InvokeOptions,
  LimitRow,
  LogLine,
  Metric,
  ScriptOptions,
  ScriptOutcome,
  SessionInfo,
  ShardNode,
} from "./engine.ts";
import { engineMetrics } from "./engine_metrics.ts";
import { ClusterExecutions } from "../execution/cluster_executions.ts";
import { ExecutionStore } from "../execution/execution_store.ts";
import type { PartHost } from "../execution/part.ts";
import { IsolatePool } from "../../isolate/process/isolate_pool.ts";
import type { IsolateOptions } from "../../isolate/process/isolate.ts";
import { toDeployment } from "../library/keep_script.ts";
import { Libraries } from "../library/libraries.ts";
import type { LibraryInfo, LibrarySummary } from "../../contract/api/library_info.ts";
import { LibraryStore } from "../library/library_store.ts";
import { listLimits } from "./limit_table.ts";
import type { LogBook } from "../base/log_book.ts";
import { listSessions } from "../library/list_sessions.ts";
import { watchLease } from "../session/watch_lease.ts";
import { Scripts } from "../library/scripts.ts";
import { Sessions } from "../session/sessions.ts";
import type { ShardRedis } from "../base/shard_redis.ts";
import { Chains } from "../events/chains/chains.ts";
import { actForShard } from "../events/registrations/act_for_shard.ts";
import type { RegistrationInfo } from "../../contract/api/registration_info.ts";
import { type CallReply, openReply } from "../events/sources/commands/call_reply.ts";
import { CommandTriggers } from "../events/sources/commands/command_triggers.ts";
import { KeyedCalls } from "../events/sources/commands/keyed_calls.ts";
import { KeptExecutions } from "../events/delivery/recent_executions.ts";
import type {
  DeadLetter,
  DeadLetterQueue,
  DeadLetterReplay,
  QueueName,
} from "../../contract/api/dead_letter_info.ts";
import { DeadLetters } from "../events/dead_letters/dead_letters.ts";
import { toMessageId } from "../events/registrations/replay_from.ts";
import { replayLetters } from "../events/dead_letters/replay_letters.ts";
import { RegistrationStore } from "../events/registrations/registration_store.ts";
import { Registrations } from "../events/registrations/registrations.ts";
import { createSources } from "../events/create_sources.ts";

/** How long a stop waits for events that are under way: others run again after the next start. */
const EVENTS_GRACE_MS = 1_000;

/** What an engine is built from. */
export interface EngineParts {
  readonly config: ResolvedConfig;
  readonly redis: ShardRedis;
  readonly coordinator: Coordinator;
  readonly logs: LogBook;
  readonly isolateOptions: IsolateOptions;
}

/** An engine with its libraries restored and isolates on their way. */
export async function createEngine(parts: EngineParts): Promise<Engine> {
  const engine = new ShardEngine(parts);
  await engine.start();
  return engine;
}

/** See `Engine`. Each method hands on to the part whose business it is. */
class ShardEngine implements Engine {
  readonly config = new ConfigStore();
  readonly #parts: EngineParts;
  readonly #pool: IsolatePool;
  readonly #executions: ExecutionStore;
  readonly #sessions: Sessions;
  readonly #scripts: Scripts;
  readonly #libraries: Libraries;
  readonly #registrations: Registrations;
  /** What commands call on this shard. */
  readonly #triggers = new CommandTriggers<CallReply>();
  readonly #keyedCalls: KeyedCalls;
  readonly #letters: DeadLetters;
  readonly #owned = new DisposableStack();
  /** What the sources of registrations have in common. */
  readonly #shared = new AsyncDisposableStack();
  readonly #startedAt = Date.now();

  constructor(parts: EngineParts) {
    const { config, coordinator, logs, redis } = parts;
    this.#parts = parts;
    this.#letters = new DeadLetters(redis);
    this.#pool = new IsolatePool(
      parts.isolateOptions,
      config.isolates,
      (error) => logs.addFailure("Cannot start an isolate", error),
    );
    const executions = new ExecutionStore(() => coordinator.shardId, this.config);
    const chains = new Chains(
      (key) => !coordinator.isClustered || coordinator.ownerOf(key) === coordinator.shardId,
    );
    const sessions = new Sessions({
      pool: this.#pool,
      executions,
      logs,
      config: this.config,
      coordinator,
      chains,
      redis: {
        address: parts.isolateOptions.redis,
        clustered: parts.isolateOptions.clustered,
      },
    });
    const { limits } = config;
    this.#keyedCalls = new KeyedCalls(coordinator, this.#triggers);
    const registrations = new Registrations({
      sources: createSources({
        ...{ redis, coordinator, logs, executions, chains },
        config: this.config,
        commands: this.#triggers,
        owned: this.#shared,
      }),
      store: new RegistrationStore(redis, coordinator),
      logs,
      isClustered: () => coordinator.isClustered,
      keepExecutions: () => new KeptExecutions(executions, this.config),
      onListens: (patterns) => sessions.setListens(patterns),
    });
    const libraries = new Libraries({
      sessions,
      executions,
      store: new LibraryStore(() => redis.shared),
      limits,
      grantable: config,
      logs,
      registrations,
    });
    this.#executions = executions;
    this.#sessions = sessions;
    this.#libraries = libraries;
    this.#registrations = registrations;
    this.#scripts = new Scripts({
      sessions,
      executions,
      limits,
      keep: {
        has: (id) => libraries.has(id),
        idFor: (plan, replaced) => libraries.idFor(plan, replaced),
        keep: async (script) => void await libraries.deploy(toDeployment(script)),
      },
    });
    this.config.onExtra = () => sessions.broadcastConfig();
    this.#owned.defer(watchLease(coordinator, logs, (reason) => sessions.standDown(reason)));
    if (coordinator.mesh !== null) this.#joinCluster(coordinator.mesh);
  }

  /** Takes part in the executions of other shards, and lets them take part in this one's. */
  #joinCluster(mesh: Mesh): void {
    const { config, coordinator, redis } = this.#parts;
    const host: PartHost = {
      prepare: (executionId, origin, recording) =>
        this.#whileUp(() =>
          origin.kind === "script"
            ? this.#scripts.prepare(executionId, origin, recording)
            : this.#libraries.calls.prepare(origin)
        ),
      checkHealth: () => redis.checkHealth(),
    };
    const cluster = new ClusterExecutions({
      mesh,
      coordinator,
      executions: this.#executions,
      config: this.config,
      host,
      resultBytes: config.limits.resultBytes,
    });
    cluster.onAbort = (executionId) => this.abortExecution(executionId);
    this.#sessions.cluster = cluster;
    this.#owned.use(this.#libraries.join(mesh));
    this.#owned.use(this.#registrations.join(mesh));
  }

  /** Restores libraries and starts isolates in advance. */
  async start(): Promise<void> {
    this.#pool.fill();
    await this.#libraries.restore();
    const { coordinator, logs } = this.#parts;
    this.#owned.defer(actForShard(coordinator, {
      begin: async () => {
        // Another runtime may have changed them while this one stood by.
        if (coordinator.mesh !== null) await this.#libraries.sync();
        await this.#registrations.setActing(true);
      },
      end: () => this.#registrations.setActing(false),
      onError: (error) => logs.addFailure("Cannot let registrations fire yet", error),
    }));
  }

  runScript(
    source: string,
    options: ScriptOptions,
    signal?: AbortSignal,
  ): Promise<ScriptOutcome> {
    return this.#whileUp(() => this.#scripts.run(source, options, signal));
  }

  listExecutions(): ExecutionSummary[] {
    return this.#executions.list();
  }

  async getExecution(id: string, scope?: ExecutionScope): Promise<ExecutionInfo> {
    const { cluster } = this.#sessions;
    if (scope === "shard" || cluster === null || !cluster.isClustered) {
      return this.#executions.get(id).info;
    }
    const shards = await cluster.inspect(id);
    return { ...this.#executions.get(id).info, shards };
  }

  getResults(id: string): ExecutionOutcome {
    const execution = this.#executions.get(id);
    if (execution.isOver) return execution.outcome;
    throw new PinionError("EXECUTION_RUNNING", "execution is still running");
  }

  async waitForResults(id: string, signal?: AbortSignal): Promise<ExecutionOutcome> {
    const execution = this.#executions.get(id);
    await until(execution.over, signal);
    return execution.outcome;
  }

  async watchExecution(
    id: string,
    onProgress: (progress: ExecutionProgress) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const execution = this.#executions.get(id);
    onProgress(execution.progress);
    const stop = execution.watch(onProgress);
    try {
      await until(execution.over, signal);
    } finally {
      stop();
    }
  }

  async abortExecution(id: string): Promise<void> {
    const { cluster } = this.#sessions;
    const isOwn = cluster === null || id.startsWith(`${this.#parts.coordinator.shardId}-`);
    if (!isOwn) return await cluster.abortElsewhere(id);
    const execution = this.#executions.get(id, "execution does not exist");
    if (!execution.isOver) await this.#sessions.abort(id);
    await execution.gone;
  }

  dropExecution(id: string): void {
    this.#executions.drop(id);
  }

  listSessions(): SessionInfo[] {
    return listSessions(this.#sessions.list(), this.#libraries.served());
  }

  listRegistrations(): RegistrationInfo[] {
    return this.#registrations.list();
  }

  getRegistration(id: string): RegistrationInfo {
    return this.#registrations.get(id).info;
  }

  unregister(id: string, options: { readonly abortPending: boolean }): Promise<void> {
    return this.#whileUp(() => {
      const { library } = this.#registrations.get(id);
      return this.#libraries.unregister(library.name, id, options);
    });
  }

  pauseRegistrations(ids: readonly string[], how: "pause" | "drain"): Promise<void> {
    const state = how === "pause" ? "PAUSED" : "DRAINING";
    return this.#whileUp(() => this.#registrations.pause(ids, state));
  }

  resumeRegistrations(ids: readonly string[]): Promise<void> {
    return this.#whileUp(() => this.#registrations.resume(ids));
  }

  replayRegistration(id: string, from: string): Promise<void> {
    return this.#whileUp(() => this.#registrations.replay(id, toMessageId(from)));
  }

  listDeadLetters(): Promise<DeadLetterQueue[]> {
    return this.#whileUp(() => this.#letters.list());
  }

  getDeadLetters(
    queue: QueueName,
    page?: { readonly after?: string; readonly count?: number },
  ): Promise<DeadLetter[]> {
    return this.#whileUp(() => this.#letters.read(queue, page));
  }

  replayDeadLetters(
    queue: QueueName,
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<DeadLetterReplay> {
    return this.#whileUp(() =>
      replayLetters(this.#letters, this.#registrations.find(queue), { queue, ids, signal })
    );
  }

  dropDeadLetters(queue: QueueName, ids?: readonly string[]): Promise<number> {
    return this.#whileUp(() => this.#letters.remove(queue, ids));
  }

  clearRegistrationStatistics(): Promise<void> {
    return this.#registrations.clearStatistics();
  }

  deploy(request: DeployRequest): Promise<LibrarySummary> {
    return this.#whileUp(() => this.#libraries.deploy({ ...request, kind: "library" }));
  }

  listLibraries(): LibrarySummary[] {
    return this.#libraries.list();
  }

  // deno-lint-ignore require-await
  async getLibrary(name: string): Promise<LibraryInfo> {
    return this.#libraries.get(name);
  }

  rollback(name: string, version?: number): Promise<LibrarySummary> {
    return this.#whileUp(() => this.#libraries.rollback(name, version));
  }

  resumeLibrary(name: string): LibrarySummary {
    return this.#libraries.resume(name);
  }

  undeploy(name: string): Promise<void> {
    return this.#whileUp(() => this.#libraries.undeploy(name));
  }

  // deno-lint-ignore require-await
  async invoke(
    library: string,
    exportName: string,
    body: Uint8Array,
    options?: InvokeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.#parts.coordinator.requireActing();
    return this.#libraries.calls.invoke(library, exportName, body, options);
  }

  // deno-lint-ignore require-await
  async fetch(
    library: string,
    request: FetchRequest,
    options?: InvokeOptions,
  ): Promise<FetchReply> {
    this.#parts.coordinator.requireActing();
    return this.#libraries.calls.fetch(library, request, options);
  }

  trigger(
    args: readonly (string | Uint8Array)[],
    options?: InvokeOptions,
  ): Promise<ExecutionOutcome> {
    const { coordinator, config: { limits: { resultBytes } } } = this.#parts;
    coordinator.requireActing();
    return this.#triggers.call(args, options?.signal).then((reply) =>
      openReply(reply, resultBytes)
    );
  }

  async triggerOnKey(
    args: readonly (string | Uint8Array)[],
    options?: InvokeOptions,
  ): Promise<ExecutionOutcome> {
    const { coordinator, config: { limits } } = this.#parts;
    coordinator.requireActing();
    requireKey(args);
    return openReply(await this.#keyedCalls.call(args, options?.signal), limits.resultBytes);
  }

  limits(): LimitRow[] {
    return listLimits(this.#parts.config);
  }

  clusterInfo(): ClusterInfo {
    const { coordinator } = this.#parts;
    return describeCluster(coordinator, coordinator.shards().map(toNode));
  }

  async clusterStatus(): Promise<ClusterStatus> {
    const { coordinator } = this.#parts;
    const shards = await coordinator.status();
    return describeCluster(
      coordinator,
      shards.map(({ ranges, replicas, runtimes, links, ...shard }) => ({
        ...toNode(shard),
        ...{ ranges, replicas, runtimes, links },
      })),
    );
  }

  async refreshCluster(): Promise<void> {
    await this.#parts.coordinator.refresh();
  }

  // deno-lint-ignore require-await
  async health(): Promise<Health> {
    const { redis, coordinator } = this.#parts;
    return {
      redis: redis.isUp ? "up" : "down",
      role: coordinator.role,
      ...(redis.server !== undefined && { server: redis.server }),
      isolates: this.#pool.size,
      executionsRunning: this.#executions.running,
      uptimeMs: Date.now() - this.#startedAt,
    };
  }

  metrics(): Metric[] {
    return engineMetrics({
      executions: this.#executions,
      isolates: this.#pool.size,
      libraries: this.#libraries.list(),
      registrations: this.#registrations.list(),
      redisUp: this.#parts.redis.isUp,
    });
  }

  recentLogs(session?: string): LogLine[] {
    return this.#parts.logs.recent(session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owned.dispose();
    const closed = this.#registrations[Symbol.asyncDispose]();
    await within(closed, EVENTS_GRACE_MS);
    await this.#pool[Symbol.asyncDispose]();
    await closed;
    await this.#shared.disposeAsync();
  }

  /** Does what only an acting runtime with a Redis can. @throws `REDIS_UNAVAILABLE`, `STANDBY` */
  async #whileUp<T>(use: () => Promise<T>): Promise<T> {
    this.#parts.redis.requireUp();
    this.#parts.coordinator.requireActing();
    return await use();
  }
}

/** @throws `BAD_ARGUMENT` */
function requireKey(args: readonly unknown[]): void {
  if (args.length >= 2) return;
  throw new PinionError(
    "BAD_ARGUMENT",
    "Cannot trigger on a key: expected a key behind the trigger",
  );
}

/** A shard as RG.INFOCLUSTER has it. */
function toNode(shard: Omit<Shard, "ranges" | "replicas">): ShardNode {
  return {
    id: shard.id,
    ip: shard.host,
    port: shard.port,
    runId: shard.runId,
    minHslot: shard.minSlot,
    maxHslot: shard.maxSlot,
    pendingMessages: shard.pendingMessages,
  };
}

function describeCluster<S>(coordinator: Coordinator, shards: readonly S[]) {
  return {
    clustered: coordinator.isClustered,
    myId: coordinator.shardId,
    myRunId: coordinator.runId,
    shards,
  };
}

/** Waits for `promise`, but not longer than `timeoutMs`. */
async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const { promise: expired, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([promise, expired]);
  clearTimeout(timer);
}

/** Waits for `promise`. @throws `EXECUTION_ABORTED` if `signal` says that nobody waits any more */
async function until(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return await promise;
  const gone = Promise.withResolvers<never>();
  const abort = () => gone.reject(new PinionError("EXECUTION_ABORTED", "The caller went away"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, gone.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
