/**
 * Wishes of a session's owner: all of them may be left out.
 *
 * @module
 */

import type { LogLine } from "../../contract/api/log_entry.ts";
import type { ExecutionMode } from "../../contract/plan/plan.ts";
import type { Execution } from "../execution/execution.ts";
import type { Registrar } from "./session_registrations.ts";

/** Called at points of a session's life. */
export interface SessionHooks {
  /** Called before an execution is created; an error that it throws refuses the run. */
  admitRun?(isNested: boolean): void;
  /** Replaces the mode that plans name. */
  readonly mode?: ExecutionMode;
  /** Called with the execution that the module's top level started, before it runs. */
  onExecution?(execution: Execution): void;
  /** Called with each line that the session's code logs. */
  onLog?(line: LogLine): void;
  /** Gives ids to the registrations of the module. Default: it may not register. */
  readonly registrar?: Registrar;
}
