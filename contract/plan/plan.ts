/**
 * The plan: what a builder compiles to. Pure data, no function and no socket, so it can be
 * printed, hashed, tested and sent to another shard.
 *
 * @module
 */

import type { ReaderSpec } from "./reader_spec.ts";
import type { Step } from "./step.ts";

/** `async` runs on every shard of a cluster, `async_local` on this one only. */
export type ExecutionMode = "async" | "async_local";

/** A compiled pipeline. */
export interface Plan {
  readonly version: 1;
  readonly reader: ReaderSpec;
  readonly steps: readonly Step[];
  readonly mode: ExecutionMode;
  /** Whether results of other shards come back to the initiator. */
  readonly collect: boolean;
  /** Whether RESP shows results as text. */
  readonly convertToStr: boolean;
  /** How many promises of one step may be outstanding. */
  readonly window: number;
  readonly description?: string;
}
