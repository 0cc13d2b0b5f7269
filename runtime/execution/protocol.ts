/**
 * Messages between the runtimes of a cluster about executions.
 *
 * ```text
 *   initiator                               worker shard
 *   pending_receive ── prepare ───────────► loads the source, compares the plan   pending_run
 *   running         ── start ─────────────► reads its own keys                    running
 *                   ◄── report ──────────── several times within the idle limit
 *                   ◄─► shuffle (channel)   between all of them
 *                   ◄── results (channel) ─
 *   pending_cluster ◄── finished ──────────                                       pending_termination
 *   done            ── terminate ─────────► lets the isolate go                   done
 *
 *   at any time     ── abort ─────────────► ends it                               aborted
 *                   ◄── failed ──────────── it has ended here; it ends everywhere
 * ```
 *
 * @module
 */

import { z } from "zod";
import { ExecutionFiguresSchema as figures } from "../../contract/isolate/messages/execution_messages.ts";
import { bytes, ErrorSchema as error, executionId, figure } from "../../contract/isolate/fields.ts";
import { MAX_SHARDS } from "./execution_limits.ts";

/** Kinds of requests and channels. */
export const KIND = {
  prepare: "execution.prepare",
  start: "execution.start",
  report: "execution.report",
  finished: "execution.finished",
  failed: "execution.failed",
  terminate: "execution.terminate",
  abort: "execution.abort",
  drop: "execution.drop",
  inspect: "execution.inspect",
  shuffle: "execution.shuffle",
  results: "execution.results",
} as const;

const count = z.int().min(0);

const origin = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("script"), fileName: z.string(), source: z.string() }),
  z.strictObject({
    kind: z.literal("library"),
    name: z.string(),
    hash: z.string(),
    exportName: z.string(),
    body: bytes,
  }),
  z.strictObject({
    kind: z.literal("registration"),
    name: z.string(),
    hash: z.string(),
    registration: count,
    args: z.array(z.union([z.string(), bytes])).readonly().nullable(),
    depth: count,
  }),
]);

/** Asks a worker shard to load its part. */
export const PrepareBody = z.strictObject({
  executionId,
  origin,
  recording: bytes.optional(),
  /** Of the plan that the initiator runs. */
  fingerprint: z.string(),
  /** Ids of the shards that take part; their places are their numbers. */
  shards: z.array(z.string()).min(1).max(MAX_SHARDS),
  slots: z.array(z.tuple([z.int().min(0).max(16_383), count])),
  windowBytes: z.int().min(1),
  /** ExecutionMaxIdleTime of the initiator, in milliseconds. */
  idleMs: z.int().min(1),
});
/** Data of {@linkcode PrepareBody}. */
export type PrepareBody = z.infer<typeof PrepareBody>;

/** Names an execution: start, terminate, drop, inspect. */
export const ExecutionBody = z.strictObject({ executionId });
/** Progress of a worker shard. */
export const ReportBody = z.strictObject({ executionId, figures: figures.nullable() });
/** A worker shard has done its part. */
export const FinishedBody = z.strictObject({
  executionId,
  figures,
  errors: z.array(z.string()),
  /** Messages that its results channel had. */
  resultBatches: count,
});
/** The part ended before its time. */
export const FailedBody = z.strictObject({ executionId, error });
/** Ends it; without a reason it is a user's wish that the initiator carries out. */
export const AbortBody = z.strictObject({ executionId, reason: error.optional() });

/** Header of a channel of batches. */
export const ShuffleHeader = z.strictObject({ executionId, shuffle: count });
/** Header of a channel of results. */
export const ResultsHeader = z.strictObject({ executionId });

/** One shard of RG.GETEXECUTION. */
export const ShardReply = z.strictObject({
  shardId: z.string(),
  status: z.enum([
    "created",
    "running",
    "pending_receive",
    "pending_run",
    "pending_cluster",
    "pending_termination",
    "done",
    "aborted",
  ]),
  shardsReceived: count,
  shardsCompleted: count,
  results: z.int(),
  errors: z.array(z.string()),
  totalDurationMs: figure,
  readDurationMs: figure,
  recordsRead: figure,
  forwardedCommands: figure,
  steps: z.array(z.strictObject({
    type: z.string(),
    durationMs: figure,
    name: z.string(),
    arg: z.string(),
    recordsIn: figure,
    recordsOut: figure,
  })),
});
