/**
 * Executions as they are listed, watched and answered: `/v1/executions`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";
import { LogLine } from "./log_entry.ts";

/** Statuses of an execution. Source: reference 4.4. */
export const ExecutionStatus = z.enum([
  "created",
  "running",
  "pending_receive",
  "pending_run",
  "pending_cluster",
  "pending_termination",
  "done",
  "aborted",
]);
/** Data of {@linkcode ExecutionStatus}. */
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

/** A line of `GET /v1/executions` and of RG.DUMPEXECUTIONS. */
export const ExecutionSummary = z.object({
  executionId: z.string(),
  status: ExecutionStatus,
  /** True where a registration started it. */
  registered: z.boolean(),
});
/** Data of {@linkcode ExecutionSummary}. */
export type ExecutionSummary = Data<typeof ExecutionSummary>;

/** One step of an execution with its figures. */
export const StepInfo = z.object({
  /** Step type as RG.GETEXECUTION names it: `map`, `filter`, `accumulatebykey`, … */
  type: z.string(),
  durationMs: z.number(),
  /** Name of the callback, or the step's type where it has none. */
  name: z.string(),
  /** The step's argument as text, "" if it has none. */
  arg: z.string(),
  recordsIn: z.int(),
  recordsOut: z.int(),
});
/** Data of {@linkcode StepInfo}. */
export type StepInfo = Data<typeof StepInfo>;

/** One shard's part of an execution. */
export const ExecutionShardInfo = z.object({
  /** 40 characters. */
  shardId: z.string(),
  status: ExecutionStatus,
  shardsReceived: z.int(),
  shardsCompleted: z.int(),
  /** -1 while it is not done. */
  results: z.int(),
  /** Empty while it is not done. */
  errors: z.array(z.string()),
  totalDurationMs: z.number(),
  readDurationMs: z.number(),
  recordsRead: z.int(),
  /** Commands of its callbacks whose key was another shard's. */
  forwardedCommands: z.int(),
  /** In the order of the plan, reader excluded. */
  steps: z.array(StepInfo),
});
/** Data of {@linkcode ExecutionShardInfo}. */
export type ExecutionShardInfo = Data<typeof ExecutionShardInfo>;

/** All that is known of an execution: `GET /v1/executions/{id}`. */
export const ExecutionInfo = ExecutionSummary.extend({
  /** The session or library that owns it. */
  session: z.string(),
  /** Hex SHA-256 of its plan. */
  fingerprint: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  shards: z.array(ExecutionShardInfo),
  /** The last lines it logged, oldest first. */
  logs: z.array(LogLine),
  /** The error that aborted it, if one did. */
  abortReason: z.object({
    code: z.string(),
    message: z.string(),
    /** Place in the author's source that it arose at, if it did. Lines and columns count from 1. */
    location: z.object({ file: z.string(), line: z.int(), column: z.int() }).optional(),
    /** The author's own frames, one a line. */
    stack: z.string().optional(),
  }).optional(),
});
/** Data of {@linkcode ExecutionInfo}. */
export type ExecutionInfo = Data<typeof ExecutionInfo>;

/** Results of an execution: `GET /v1/executions/{id}/results`. */
export const ResultsReply = z.strictObject({
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
});

/** Results of an execution. Records are what the last step gave: any structured-cloneable value. */
export interface ExecutionOutcome {
  readonly results: readonly unknown[];
  readonly errors: readonly string[];
  /** True where RESP shows each result as text (the default), false for its own RESP type. */
  readonly convertToStr: boolean;
}

/** Progress of an execution so far. */
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

/** Shards whose parts of an execution are shown. */
export type ExecutionScope = "shard" | "cluster";
