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

import type { ExecutionStatus } from "../engine/engine.ts";

/** Where each state may go. Source: reference 0.5 and 4.4. */
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

/** Whether nothing more happens to an execution in this state. */
export function isFinal(status: ExecutionStatus): boolean {
  return NEXT[status].length === 0;
}

/** The next state. @throws Error where the table has no such way */
export function changeStatus(from: ExecutionStatus, to: ExecutionStatus): ExecutionStatus {
  if (NEXT[from].includes(to)) return to;
  throw new Error(`An execution cannot go from ${from} to ${to}`);
}
