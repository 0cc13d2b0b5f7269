/**
 * Executions of plans: what starts them, how far they are, what they give.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { bytes, ErrorSchema, executionId, figure, id, SourceLocationSchema } from "../fields.ts";
import { MAX_ERROR_CHARS, MAX_ERRORS } from "../module_limits.ts";
import { recordingFields, uncheckedPlan } from "./modules.ts";

/** Steps whose figures a message may have: a plan has no more. */
const MAX_STEPS = 1_000;
/** Characters of one error. */
const MAX_TEXT_CHARS = 10_000;

/** A shard's place in a distributed execution. Shards have numbers in it, the same everywhere. */
const ClusterPositionSchema = z.strictObject({
  /** Number of shards that take part. */
  shards: id,
  /** This one. */
  self: id,
  initiator: id,
  /** Last slot of each range, in order up to 16383, with the shard that the range belongs to. */
  slots: z.array(z.tuple([id, id])),
  /** Bytes that may be on their way from one shard to another in one shuffle. */
  windowBytes: id,
});

/** Starts the plan that the sandbox asked for as `run`, or that a builder export gives. */
const Start = z.strictObject({
  type: z.literal("start"),
  run: id,
  executionId,
  /** This shard's place among those that take part; absent where it runs alone. */
  cluster: ClusterPositionSchema.optional(),
});

/** The plan of `run` was refused. */
const Refuse = z.strictObject({ type: z.literal("refuse"), run: id, error: ErrorSchema });

/** Results of other shards, on the initiator. */
const RemoteResults = z.strictObject({
  type: z.literal("remoteResults"),
  executionId,
  records: bytes,
});

/** All shards are done: the execution is over. */
const Complete = z.strictObject({
  type: z.literal("complete"),
  executionId,
  /** Errors of other shards. */
  errors: z.array(z.string()),
});

/** Ends an execution. */
const Abort = z.strictObject({ type: z.literal("abort"), executionId });

/** Figures of one step. */
const StepFiguresSchema = z.strictObject({
  recordsIn: figure,
  recordsOut: figure,
  durationMs: figure,
});

/** Figures of an execution so far. */
export const ExecutionFiguresSchema = z.strictObject({
  recordsRead: figure,
  expected: figure.optional(),
  readDurationMs: figure,
  results: figure,
  errors: figure,
  /** Commands whose key was another shard's. */
  forwardedCommands: figure,
  steps: z.array(StepFiguresSchema).max(MAX_STEPS),
});

/** Asks for an execution of `plan`. */
const Run = z.strictObject({
  type: z.literal("run"),
  run: id,
  plan: uncheckedPlan,
  /** True where a step's callback asked for it. */
  isNested: z.boolean(),
  /** Number of the `runExport` or `runEvents` that it answers. */
  invocation: id.optional(),
  /** Place of the author's `run()` call. */
  location: SourceLocationSchema.optional(),
  ...recordingFields,
});

/** Progress of an execution. */
const Progress = z.strictObject({
  type: z.literal("progress"),
  executionId,
  figures: ExecutionFiguresSchema,
});

/** A batch of results as one msgpack array. */
const Results = z.strictObject({ type: z.literal("results"), executionId, records: bytes });

/** The sandbox has done its part. */
const Done = z.strictObject({
  type: z.literal("done"),
  executionId,
  figures: ExecutionFiguresSchema,
  errors: z.array(z.string().max(MAX_TEXT_CHARS)).max(MAX_ERRORS + 1).refine(areShort),
});

function areShort(errors: readonly string[]): boolean {
  const chars = errors.reduce((sum, { length }) => sum + length, 0);
  return chars <= MAX_ERROR_CHARS + 2 * MAX_TEXT_CHARS;
}

/** Messages to the part of an execution, from the runtime to the sandbox. */
export const PARTS_TO_SANDBOX = [RemoteResults, Complete] as const;
/** Decisions on executions, from the runtime to the sandbox. */
export const EXECUTIONS_TO_SANDBOX = [Start, Refuse, Abort, ...PARTS_TO_SANDBOX] as const;
/** Requests and results of executions, from the sandbox to the runtime. */
export const EXECUTIONS_FROM_SANDBOX = [Run, Progress, Results, Done] as const;

/** A shard's place in a distributed execution. */
export type ClusterPosition = DeepReadonly<z.infer<typeof ClusterPositionSchema>>;
/** Starts an execution. */
export type StartMessage = DeepReadonly<z.infer<typeof Start>>;
/** Asks for an execution. */
export type RunMessage = DeepReadonly<z.infer<typeof Run>>;
/** Figures of one step. */
export type StepFigures = DeepReadonly<z.infer<typeof StepFiguresSchema>>;
/** Figures of an execution so far. */
export type ExecutionFigures = DeepReadonly<z.infer<typeof ExecutionFiguresSchema>>;
