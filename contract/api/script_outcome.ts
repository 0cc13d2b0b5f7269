/**
 * Scripts that are sent to be run once: RG.TSEXECUTE and `POST /v1/run`.
 *
 * @module
 */

import { z } from "zod";
import type { ExecutionMode } from "../plan/plan.ts";
import type { ExecutionOutcome, ExecutionProgress } from "./execution_info.ts";
import type { LogLine } from "./log_entry.ts";
import { QueryFlag } from "./query_flag.ts";

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

/** Reply to a script; `executionId` is null if it had no `run()`. */
export const RunReply = z.strictObject({
  executionId: z.string().nullable(),
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
  /** Ids of what it registered, if it did: it is kept then. */
  registrations: z.array(z.string()).optional(),
});

/** An execution that has begun. */
export const StartedReply = z.strictObject({ executionId: z.string() });

/** Options that a script is run with. */
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

/** Outcome of a script. */
export type ScriptOutcome =
  /** The script ended without `run()`. */
  | { readonly kind: "ok" }
  /** The script registers, and is kept: ids of its registrations. */
  | { readonly kind: "registered"; readonly registrations: readonly string[] }
  /** Its `run()` is over. */
  | { readonly kind: "done"; readonly executionId: string; readonly outcome: ExecutionOutcome }
  /** `unblocking`: its `run()` has begun. */
  | { readonly kind: "started"; readonly executionId: string };
