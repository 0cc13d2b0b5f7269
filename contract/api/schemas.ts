/**
 * The shapes of the engine's data as HTTP shows them: one schema each, for validation and for
 * `openapi.json`.
 *
 * @module
 */

import { z } from "zod";
import { LibraryManifest, LibraryName } from "./library_info.ts";

/** A flag of a query: there, `1` or `true`; `0` or `false` is as if it were not. */
export const QueryFlag = z.enum(["", "1", "true", "0", "false"])
  .optional()
  .transform((text) => text !== undefined && text !== "0" && text !== "false");

/** Ids of sessions. */
export const SessionId = z.string().regex(/^[A-Za-z0-9_-]*$/, "expected A-Z, a-z, 0-9, - and _");

/** Query of `POST /v1/run`: the options of RG.TSEXECUTE. */
export const RunQuery = z.strictObject({
  mode: z.enum(["async", "async_local"]).optional(),
  unblocking: QueryFlag,
  upgrade: QueryFlag,
  id: SessionId.optional(),
  replaceWith: z.string().optional(),
  description: z.string().max(1024).optional(),
});

/** What a script came to; `executionId` is null if it had no `run()`. */
export const RunReply = z.strictObject({
  executionId: z.string().nullable(),
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
  /** Ids of what it registered, if it did: it is kept then. */
  registrations: z.array(z.string()).optional(),
});

/** An execution that has begun. */
export const StartedReply = z.strictObject({ executionId: z.string() });

/** Results of an execution. */
export const ResultsReply = z.strictObject({
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
});

const Argument = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Arguments of a trigger; everything is sent as text. Nothing is as good as `[]`. */
export const TriggerArguments = z.union([
  z.array(Argument).max(1_024),
  z.strictObject({}).transform((): string[] => []),
]);

const Status = z.enum([
  "created",
  "running",
  "pending_receive",
  "pending_run",
  "pending_cluster",
  "pending_termination",
  "done",
  "aborted",
]);

/** A limit: its value is in the unit that ends its name. */
export const LimitRow = z.object({
  name: z.string(),
  what: z.string(),
  value: z.number(),
  setBy: z.array(z.string()),
});

/** A line of the log. */
export const LogLine = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  level: z.enum(["debug", "verbose", "notice", "warning"]),
  message: z.string(),
});

/** A line of `GET /v1/executions`. */
export const ExecutionSummary = z.object({
  executionId: z.string(),
  status: Status,
  registered: z.boolean(),
});

const StepInfo = z.object({
  type: z.string(),
  durationMs: z.number(),
  name: z.string(),
  arg: z.string(),
  recordsIn: z.int(),
  recordsOut: z.int(),
});

const ExecutionShardInfo = z.object({
  shardId: z.string(),
  status: Status,
  shardsReceived: z.int(),
  shardsCompleted: z.int(),
  results: z.int(),
  errors: z.array(z.string()),
  totalDurationMs: z.number(),
  readDurationMs: z.number(),
  recordsRead: z.int(),
  forwardedCommands: z.int(),
  steps: z.array(StepInfo),
});

/** `GET /v1/executions/{id}`. */
export const ExecutionInfo = ExecutionSummary.extend({
  session: z.string(),
  fingerprint: z.string(),
  createdAt: z.number(),
  shards: z.array(ExecutionShardInfo),
  logs: z.array(LogLine),
  abortReason: z.object({ code: z.string(), message: z.string() }).optional(),
});

/** A line of `GET /v1/sessions`. */
export const SessionInfo = z.object({
  id: z.string(),
  description: z.string().optional(),
  refCount: z.int(),
  dead: z.boolean(),
  registrations: z.array(z.string()),
  library: z.string().optional(),
});

const TriggerSpec = z.discriminatedUnion("reader", [
  z.object({
    reader: z.literal("KeysReader"),
    prefix: z.string(),
    eventTypes: z.array(z.string()).nullable(),
    keyTypes: z.array(z.string()).nullable(),
    commands: z.array(z.string()).nullable(),
    readValue: z.boolean(),
  }),
  z.object({
    reader: z.literal("StreamReader"),
    prefix: z.string(),
    batch: z.int(),
    durationMs: z.int(),
    trimStream: z.boolean(),
    fromId: z.string(),
  }),
  z.object({ reader: z.literal("CommandReader"), trigger: z.string(), inorder: z.boolean() }),
  z.object({
    reader: z.literal("TimeReader"),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    everyMs: z.int().nullable(),
    on: z.enum(["one", "all"]),
  }),
]);

/** A line of `GET /v1/registrations`: figures are of this shard. */
export const RegistrationInfo = z.object({
  id: z.string(),
  library: z.string(),
  name: z.string(),
  description: z.string().optional(),
  mode: z.enum(["async", "async_local", "sync"]),
  trigger: TriggerSpec,
  failure: z.object({
    policy: z.enum(["continue", "abort", "retry"]),
    retryIntervalMs: z.int(),
    maxRetryIntervalMs: z.int(),
    attempts: z.int(),
    deadLetters: z.int(),
  }),
  status: z.enum(["OK", "WAITING_FOR_RETRY_ON_FAILURE", "ABORTED", "PAUSED", "DRAINING"]),
  reason: z.string().optional(),
  backlog: z.int().nullable(),
  source: z.string(),
  numTriggered: z.int(),
  numSuccess: z.int(),
  numFailures: z.int(),
  numAborted: z.int(),
  numSkipped: z.int(),
  lastRunDurationMs: z.number(),
  totalRunDurationMs: z.number(),
  avgRunDurationMs: z.number(),
  lastEstimatedLagMs: z.number(),
  avgEstimatedLagMs: z.number(),
  lastError: z.string().nullable(),
});

/** Body of `POST /v1/registrations/{id}/replay`. */
export const ReplayBody = z.strictObject({
  /** Message id, milliseconds since 1970, or ISO 8601 time. */
  from: z.union([z.string().min(1).max(64), z.int().min(0)]).transform(String),
});

/** A line of `GET /v1/dlq`: a registration that has given up events. */
export const DeadLetterQueue = z.object({
  library: z.string(),
  registration: z.string(),
  letters: z.int(),
});

/** A line of `GET /v1/dlq/{library}/{name}`: an event that was given up. */
export const DeadLetter = z.object({
  id: z.string(),
  key: z.string(),
  eventId: z.string(),
  /** The event as its function gets it; bytes are `{ "base64": "…" }`. */
  record: z.unknown(),
  isCut: z.boolean(),
  error: z.string(),
  attempts: z.int(),
  shardId: z.string(),
});

/** What `POST /v1/dlq/{library}/{name}/replay` answers. */
export const DeadLetterReplay = z.object({
  replayed: z.int(),
  failed: z.array(z.object({ id: z.string(), error: z.string() })),
});

/** Body of `PUT /v1/libraries/{name}`. */
export const DeployBody = z.strictObject({
  /** One ES module, bundled: no import but the SDK's. */
  source: z.string(),
  sourceMap: z.string().optional(),
  manifest: LibraryManifest.prefault({}),
  upgrade: z.boolean().default(false),
  replaceWith: LibraryName.optional(),
});

const RuntimeStatus = z.object({
  runId: z.string(),
  role: z.enum(["acting", "standby"]),
  epoch: z.int().nullable(),
  leaseMs: z.int().nullable(),
  silentMs: z.int(),
  mesh: z.string().nullable(),
  resp: z.string().nullable(),
  http: z.string().nullable(),
  pid: z.int(),
});

const LinkStatus = z.object({
  shardId: z.string(),
  isLinked: z.boolean(),
  sentBytes: z.int(),
  sentFrames: z.int(),
  receivedBytes: z.int(),
  receivedFrames: z.int(),
  reconnects: z.int(),
  unacknowledged: z.int(),
});

/** `GET /v1/cluster`. */
export const ClusterStatus = z.object({
  clustered: z.boolean(),
  myId: z.string(),
  myRunId: z.string(),
  shards: z.array(z.object({
    id: z.string(),
    ip: z.string(),
    port: z.int(),
    runId: z.string().nullable(),
    minHslot: z.int(),
    maxHslot: z.int(),
    pendingMessages: z.int(),
    ranges: z.array(z.object({ first: z.int(), last: z.int() })),
    replicas: z.array(z.object({ host: z.string(), port: z.int() })),
    runtimes: z.array(RuntimeStatus),
    links: z.array(LinkStatus).nullable(),
  })),
});

/** See {@linkcode ClusterStatus}. */
export type ClusterStatus = z.infer<typeof ClusterStatus>;

/** `GET /healthz` and `/readyz`. */
export const Health = z.object({
  redis: z.enum(["up", "down"]),
  role: z.enum(["acting", "standby"]),
  server: z.string().optional(),
  isolates: z.int(),
  executionsRunning: z.int(),
  uptimeMs: z.number(),
});
