/**
 * The states of an execution and the ways between them.
 *
 * ```text
 *              ┌────────────► pending_receive ─┐ (cluster: waits for acknowledgements)
 *   created ───┤                               ▼
 *      │       └──────────────────────────► running ──► pending_cluster ──┐ (cluster: waits for
 *      │                                       │              │           │  the other shards)
 *      ▼                                       ▼              ▼           ▼
 *   aborted ◄──────────────────────────────────┴──────────────┘         done
 * ```
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { ExecutionStatus } from "../../../contract/api/execution_info.ts";

/** States that each state may go to. Source: reference 0.5 and 4.4. */
const NEXT: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  created: ["pending_receive", "pending_run", "running", "aborted"],
  pending_receive: ["running", "aborted"],
  pending_run: ["running", "aborted"],
  running: ["pending_cluster", "pending_termination", "done", "aborted"],
  pending_cluster: ["done", "aborted"],
  pending_termination: ["done", "aborted"],
  done: [],
  aborted: [],
};

/** Tells whether nothing more happens to an execution in this state. */
export function isFinal(status: ExecutionStatus): boolean {
  return NEXT[status].length === 0;
}

/** The next state. @throws `INTERNAL` where the table has no such way */
export function changeStatus(from: ExecutionStatus, to: ExecutionStatus): ExecutionStatus {
  if (NEXT[from].includes(to)) return to;
  throw new PinionError("INTERNAL", `An execution cannot go from ${from} to ${to}`);
}
