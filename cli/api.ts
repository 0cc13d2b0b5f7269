/**
 * What the runtime's HTTP answers look like to the commands that read them.
 *
 * @module
 */

import { z } from "zod";

/** A line of `GET /v1/executions`. */
export const ExecutionSummary = z.object({
  executionId: z.string(),
  status: z.string(),
  registered: z.boolean(),
});
/** See {@linkcode ExecutionSummary}. */
export type ExecutionSummary = z.infer<typeof ExecutionSummary>;

/** A line that user code or the runtime logged. */
export const LogLine = z.object({
  time: z.number(),
  level: z.string(),
  message: z.string(),
  source: z.string().optional(),
});
/** See {@linkcode LogLine}. */
export type LogLine = z.infer<typeof LogLine>;

/** One step of an execution with its figures. */
export const StepInfo = z.object({
  type: z.string(),
  durationMs: z.number(),
  name: z.string(),
  arg: z.string(),
  recordsIn: z.number(),
  recordsOut: z.number(),
});
/** See {@linkcode StepInfo}. */
export type StepInfo = z.infer<typeof StepInfo>;

/** `GET /v1/executions/{id}`. */
export const ExecutionInfo = ExecutionSummary.extend({
  session: z.string(),
  fingerprint: z.string(),
  createdAt: z.number(),
  shards: z.array(z.object({
    shardId: z.string(),
    status: z.string(),
    results: z.number(),
    errors: z.array(z.string()),
    totalDurationMs: z.number(),
    readDurationMs: z.number(),
    recordsRead: z.number(),
    steps: z.array(StepInfo),
  })),
  logs: z.array(LogLine),
  abortReason: z.object({ code: z.string(), message: z.string() }).optional(),
});
/** See {@linkcode ExecutionInfo}. */
export type ExecutionInfo = z.infer<typeof ExecutionInfo>;

/** `GET /v1/executions/{id}/results`. */
export const ExecutionResults = z.object({
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
});
/** See {@linkcode ExecutionResults}. */
export type ExecutionResults = z.infer<typeof ExecutionResults>;

/** `GET /v1/cluster`. */
export const ClusterInfo = z.object({
  clustered: z.boolean(),
  myId: z.string(),
  myRunId: z.string(),
  shards: z.array(z.object({
    id: z.string(),
    ip: z.string(),
    port: z.number(),
    runId: z.string().nullable(),
    minHslot: z.number(),
    maxHslot: z.number(),
    pendingMessages: z.number(),
  })),
});
/** See {@linkcode ClusterInfo}. */
export type ClusterInfo = z.infer<typeof ClusterInfo>;

/** `GET /healthz` and `/readyz`. */
export const Health = z.object({
  redis: z.enum(["up", "down"]),
  server: z.string().optional(),
  isolates: z.number(),
  executionsRunning: z.number(),
  uptimeMs: z.number(),
});
/** See {@linkcode Health}. */
export type Health = z.infer<typeof Health>;
