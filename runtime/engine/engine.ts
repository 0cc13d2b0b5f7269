/**
 * The use cases of one shard: what the adapters (RESP, HTTP) call, and the data they get back.
 *
 * This is the interface only; `create_engine.ts` builds the implementation. Every method rejects
 * with a `PinionError` whose code is in the table of `errors.ts`; adapters only format.
 *
 * @module
 */

import type { ErrorData } from "../../errors.ts";
import type { ExecutionMode } from "../../contract/plan/plan.ts";
import type { ConfigStore } from "../base/config_store.ts";
import type { LibraryInfo, LibraryManifest, LibrarySummary } from "../../contract/api/library_info.ts";
import type {
  DeadLetter,
  DeadLetterQueue,
  DeadLetterReplay,
  QueueName,
} from "../../contract/api/dead_letter_info.ts";
import type { RegistrationInfo } from "../../contract/api/registration_info.ts";

/** How a script is run; the options of RG.TSEXECUTE and of `POST /v1/run`. */
export interface ScriptOptions {
  /** Answer with the id as soon as the execution runs. Default false. */
  readonly unblocking?: boolean;
  /** Replace the session `id` if it exists. Default false. */
  readonly upgrade?: boolean;
  /** The session to remove when this one is in place; implies `upgrade`. */
  readonly replaceWith?: string;
  /** Session id: `[A-Za-z0-9_-]*`. Default: 40 random hex digits. */
  readonly id?: string;
  readonly description?: string;
  /** Overrides the mode that the script's `run()` names. */
  readonly mode?: ExecutionMode;
  /** Called about five times a second while the execution runs. */
  readonly onProgress?: (progress: ExecutionProgress) => void;
  /** Called with each line that the script logs or prints while it runs. */
  readonly onLog?: (line: LogLine) => void;
}

/** A line that user code logged or printed. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: "debug" | "verbose" | "notice" | "warning";
  readonly message: string;
}

/** What a script came to. */
export type ScriptOutcome =
  /** It ended without `run()`. */
  | { readonly kind: "ok" }
  /** It registers, and is kept: ids of its registrations. */
  | { readonly kind: "registered"; readonly registrations: readonly string[] }
  /** Its `run()` is over. */
  | { readonly kind: "done"; readonly executionId: string; readonly outcome: ExecutionOutcome }
  /** `unblocking`: its `run()` has begun. */
  | { readonly kind: "started"; readonly executionId: string };

/** Results of an execution. Records are what the last step gave: any structured-cloneable value. */
export interface ExecutionOutcome {
  readonly results: readonly unknown[];
  readonly errors: readonly string[];
  /** Whether RESP shows each result as text (the default) or in its own RESP type. */
  readonly convertToStr: boolean;
}

/** As in RedisGears (reference 4.4). */
export type ExecutionStatus =
  | "created"
  | "running"
  | "pending_receive"
  | "pending_run"
  | "pending_cluster"
  | "pending_termination"
  | "done"
  | "aborted";

/** A line of RG.DUMPEXECUTIONS. */
export interface ExecutionSummary {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  /** Whether a registration started it. */
  readonly registered: boolean;
}

/** How far an execution is. */
export interface ExecutionProgress {
  readonly executionId: string;
  readonly status: ExecutionStatus;
  /** Records read so far. */
  readonly read: number;
  /** Records that the reader expects in all, where it can tell (an estimate). */
  readonly expected?: number;
  readonly results: number;
  readonly errors: number;
  readonly elapsedMs: number;
}

/** One step of an execution with its figures. */
export interface StepInfo {
  /** Step type as RG.GETEXECUTION names it: `map`, `filter`, `accumulatebykey`, … */
  readonly type: string;
  readonly durationMs: number;
  /** Name of the callback, or the step's type where it has none. */
  readonly name: string;
  /** The step's argument as text, "" if it has none. */
  readonly arg: string;
  readonly recordsIn: number;
  readonly recordsOut: number;
}

/** One shard's part of an execution. */
export interface ExecutionShardInfo {
  /** 40 characters. */
  readonly shardId: string;
  readonly status: ExecutionStatus;
  readonly shardsReceived: number;
  readonly shardsCompleted: number;
  /** -1 while it is not done. */
  readonly results: number;
  /** Empty while it is not done. */
  readonly errors: readonly string[];
  readonly totalDurationMs: number;
  readonly readDurationMs: number;
  readonly recordsRead: number;
  /** Commands of its callbacks whose key was another shard's. */
  readonly forwardedCommands: number;
  /** In the order of the plan, reader excluded. */
  readonly steps: readonly StepInfo[];
}

/** Whose part of an execution is shown. */
export type ExecutionScope = "shard" | "cluster";

/** All that is known of an execution. */
export interface ExecutionInfo extends ExecutionSummary {
  /** The session or library that owns it. */
  readonly session: string;
  /** Hex SHA-256 of its plan. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly shards: readonly ExecutionShardInfo[];
  /** The last lines it logged, oldest first. */
  readonly logs: readonly LogLine[];
  /** Why it was aborted, if it was. */
  readonly abortReason?: ErrorData;
}

/** A session as RG.DUMPSESSIONS shows it. */
export interface SessionInfo {
  readonly id: string;
  readonly description?: string;
  /** Executions and registrations that hold it. */
  readonly refCount: number;
  /** True once it was replaced or undeployed but something still runs in it. */
  readonly dead: boolean;
  readonly registrations: readonly string[];
  /** Name of the library, if it is deployed. */
  readonly library?: string;
}

/** What `deploy` gets. */
export interface DeployRequest {
  /** Library name: `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** One ES module, bundled: no import but the SDK's. TypeScript is accepted. */
  readonly source: string;
  /** Source map of the bundle (JSON text), so that errors name the author's files. */
  readonly sourceMap?: string;
  readonly manifest: LibraryManifest;
  /** Replace the library if it exists. Default false: an existing name is refused. */
  readonly upgrade?: boolean;
  /** A library to remove once this one is in place. */
  readonly replaceWith?: string;
  /** Check and load everything, then change nothing. */
  readonly dryRun?: boolean;
}

/** What an invocation may bring along. */
export interface InvokeOptions {
  readonly signal?: AbortSignal;
}

/** A request to a module's `fetch`; the URL's path begins after `/fn/{library}`. */
export interface FetchRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
}

/** What the module's `fetch` answered. */
export interface FetchReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** A shard of the cluster as RG.INFOCLUSTER shows it. */
export interface ShardNode {
  readonly id: string;
  readonly ip: string;
  readonly port: number;
  readonly runId: string | null;
  readonly minHslot: number;
  readonly maxHslot: number;
  readonly pendingMessages: number;
}

/** The topology. `clustered` is false on one shard, where RG.INFOCLUSTER says `no cluster mode`. */
export interface ClusterInfo {
  readonly clustered: boolean;
  readonly myId: string;
  readonly myRunId: string;
  readonly shards: readonly ShardNode[];
}

/** Traffic of one runtime with another. */
export interface LinkStatus {
  /** The other's shard. */
  readonly shardId: string;
  readonly isLinked: boolean;
  readonly sentBytes: number;
  readonly sentFrames: number;
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  readonly reconnects: number;
  readonly unacknowledged: number;
}

/** A runtime of a shard. Addresses are null until it listens. */
export interface RuntimeStatus {
  readonly runId: string;
  readonly role: "acting" | "standby";
  /** Fencing epoch of its lease, and milliseconds until that ends; null where it stands by. */
  readonly epoch: number | null;
  readonly leaseMs: number | null;
  /** Milliseconds since it was heard of. */
  readonly silentMs: number;
  readonly mesh: string | null;
  readonly resp: string | null;
  readonly http: string | null;
  readonly pid: number;
}

/** A shard with its runtimes, the one that acts first. */
export interface ShardNodeStatus extends ShardNode {
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  readonly replicas: readonly { readonly host: string; readonly port: number }[];
  readonly runtimes: readonly RuntimeStatus[];
  /** Null where its acting runtime did not answer. */
  readonly links: readonly LinkStatus[] | null;
}

/** The topology with everything that is known of its runtimes. */
export interface ClusterStatus extends ClusterInfo {
  readonly shards: readonly ShardNodeStatus[];
}

/** A row of the table of limits. */
export interface LimitRow {
  /** What errors call it. */
  readonly name: string;
  readonly what: string;
  /** In the unit that ends the name; a number of things where none does. */
  readonly value: number;
  /** Options of the config file, such as `limits.memoryMb`, and flags; none where it is fixed. */
  readonly setBy: readonly string[];
}

/** Whether this shard can serve. */
export interface Health {
  readonly redis: "up" | "down";
  /** One that stands by serves when the acting runtime of its shard is gone. */
  readonly role: "acting" | "standby";
  /** Server name and version, such as `redis 7.0.15`, when it was last up. */
  readonly server?: string;
  readonly isolates: number;
  readonly executionsRunning: number;
  readonly uptimeMs: number;
}

/** Counters and gauges since the start, for `/metrics`. Names without the `pinion_` prefix. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** One shard's engine. Disposing it kills every isolate and closes every link. */
export interface Engine extends AsyncDisposable {
  /** The keys of RG.CONFIGGET and RG.CONFIGSET. */
  readonly config: ConfigStore;

  /**
   * Runs a script. Aborting `signal` while it blocks kills the script and its execution.
   *
   * @throws `SCRIPT_*`, `BAD_IMPORT`, `BAD_PLAN`, `SESSION_EXISTS`, `NO_SESSION`, `LIMIT_*`,
   * `EXECUTION_ABORTED`, `REDIS_UNAVAILABLE`
   */
  runScript(source: string, options: ScriptOptions, signal?: AbortSignal): Promise<ScriptOutcome>;

  listExecutions(): ExecutionSummary[];
  /**
   * Default scope: all shards in a cluster, this one otherwise. `shards` holds those that know it.
   *
   * @throws `NO_EXECUTION`
   */
  getExecution(id: string, scope?: ExecutionScope): Promise<ExecutionInfo>;
  /** @throws `NO_EXECUTION`, `EXECUTION_RUNNING` */
  getResults(id: string): ExecutionOutcome;
  /** Resolves once the execution is done or aborted. @throws `NO_EXECUTION` */
  waitForResults(id: string, signal?: AbortSignal): Promise<ExecutionOutcome>;
  /** Calls back until the execution is over, then resolves. @throws `NO_EXECUTION` */
  watchExecution(
    id: string,
    onProgress: (progress: ExecutionProgress) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Resolves when nothing of it runs any more; done ones are left alone. @throws `NO_EXECUTION` */
  abortExecution(id: string): Promise<void>;
  /** @throws `NO_EXECUTION`, `EXECUTION_RUNNING` */
  dropExecution(id: string): void;

  listSessions(): SessionInfo[];

  /** The registrations of this shard, with what happened on it. */
  listRegistrations(): RegistrationInfo[];
  /** @throws `NO_REGISTRATION` */
  getRegistration(id: string): RegistrationInfo;
  /**
   * Ends a registration on all shards. What has begun goes on; with `abortPending`, what has not
   * begun does not.
   *
   * @throws `NO_REGISTRATION`, `LIBRARY_BUSY`
   */
  unregister(id: string, options: { readonly abortPending: boolean }): Promise<void>;
  /**
   * Has registrations take nothing new, on all shards and until they are resumed: `pause` leaves what
   * they have taken and not begun, `drain` runs it.
   *
   * @throws `NO_REGISTRATION` where there is one not; nothing is changed then
   */
  pauseRegistrations(ids: readonly string[], how: "pause" | "drain"): Promise<void>;
  /** Has them go on, also where they had stopped by themselves. @throws as `pauseRegistrations` */
  resumeRegistrations(ids: readonly string[]): Promise<void>;
  /**
   * Has a registration on streams read them again, on all shards, as far as messages are still there.
   *
   * @param from Message id, milliseconds since 1970, or ISO 8601 time; what it names is the first.
   * @throws `NO_REGISTRATION`, `UNSUPPORTED`, `BAD_ARGUMENT`
   */
  replayRegistration(id: string, from: string): Promise<void>;

  /** Registrations that have given up events, and how many; of the whole cluster. */
  listDeadLetters(): Promise<DeadLetterQueue[]>;
  /** Events that a registration has given up, oldest first; by default the first 100. */
  getDeadLetters(
    queue: QueueName,
    page?: { readonly after?: string; readonly count?: number },
  ): Promise<DeadLetter[]>;
  /**
   * Runs them again on this shard, one by one; those that succeed are removed. Without `ids` all.
   *
   * @throws `NO_REGISTRATION`, `NOT_FOUND`, `LIBRARY_STOPPED`
   */
  replayDeadLetters(
    queue: QueueName,
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<DeadLetterReplay>;
  /** Removes them, without `ids` all; how many there were. */
  dropDeadLetters(queue: QueueName, ids?: readonly string[]): Promise<number>;

  /** Clears the figures of all registrations, on all shards. */
  clearRegistrationStatistics(): Promise<void>;

  /** All or nothing. @throws `SCRIPT_*`, `BAD_IMPORT`, `BAD_ARGUMENT`, `SESSION_EXISTS` */
  deploy(request: DeployRequest): Promise<LibrarySummary>;
  listLibraries(): LibrarySummary[];
  /** @throws `NO_LIBRARY` */
  getLibrary(name: string): Promise<LibraryInfo>;
  /** Default: the version before the current one. @throws `NO_LIBRARY`, `NO_VERSION` */
  rollback(name: string, version?: number): Promise<LibrarySummary>;
  /** Lifts the quarantine of a library that kept dying. @throws `NO_LIBRARY` */
  resumeLibrary(name: string): LibrarySummary;
  /** @throws `NO_LIBRARY` */
  undeploy(name: string): Promise<void>;

  /**
   * Invokes an export: an async function with the JSON value of `body` (nothing if it is empty), a
   * GearsBuilder as a batch run.
   *
   * @returns the result as JSON text in UTF-8
   * @throws `NO_LIBRARY`, `NO_EXPORT`, `BAD_BODY`, `FUNCTION_FAILED`, `LIMIT_*`, `ISOLATE_DIED`
   */
  invoke(
    library: string,
    exportName: string,
    body: Uint8Array,
    options?: InvokeOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Hands a request to the module's default `fetch`. @throws as `invoke` */
  fetch(library: string, request: FetchRequest, options?: InvokeOptions): Promise<FetchReply>;

  /**
   * Runs what is registered on a trigger; over all shards where its mode says so.
   *
   * @param args The trigger's name and what follows it: text, or bytes that are no UTF-8. The function
   * gets all of it as one record.
   * @throws `NO_TRIGGER`, `REGISTRATION_STOPPED`, `LIMIT_*`, `ISOLATE_DIED`, why the library does not
   * load; what its callbacks throw is among the errors
   */
  trigger(
    args: readonly (string | Uint8Array)[],
    options?: InvokeOptions,
  ): Promise<ExecutionOutcome>;
  /** The same on the shard that owns the key `args[1]`. @throws as `trigger`, `SHARD_LOST` */
  triggerOnKey(
    args: readonly (string | Uint8Array)[],
    options?: InvokeOptions,
  ): Promise<ExecutionOutcome>;

  /** What functions and clients may use. */
  limits(): LimitRow[];
  clusterInfo(): ClusterInfo;
  /** Asks the other runtimes; those that do not answer within a second are left out. */
  clusterStatus(): Promise<ClusterStatus>;
  /** RG.REFRESHCLUSTER: reads the topology anew, now. @throws `REDIS_UNAVAILABLE` */
  refreshCluster(): Promise<void>;
  health(): Promise<Health>;
  metrics(): Metric[];
  /** What the runtime and the functions logged last, oldest first. */
  recentLogs(session?: string): LogLine[];
}
