/**
 * The plan: what a builder compiles to. Pure data, no function and no socket, so it can be
 * printed, hashed, tested and sent to another shard.
 *
 * The trusted side imports the schema; the sdk and the sandbox import the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";
import { ReaderSchema } from "./reader_spec.ts";
import { StepsSchema } from "./step.ts";
import { EXECUTION_MODES } from "./vocabulary.ts";

export type { ExecutionMode } from "./vocabulary.ts";

/** A compiled pipeline. */
export const PlanSchema = z.strictObject({
  version: z.literal(1),
  reader: ReaderSchema,
  steps: StepsSchema,
  mode: z.enum(EXECUTION_MODES),
  /** True if results of other shards come back to the initiator. */
  collect: z.boolean(),
  /** True if RESP shows results as text. */
  convertToStr: z.boolean(),
  /** Number of promises of one step that may be outstanding. */
  window: z.int().min(1).max(100_000),
  description: z.string().max(1_024).optional(),
});

/** A compiled pipeline. */
export type Plan = DeepReadonly<z.infer<typeof PlanSchema>>;
