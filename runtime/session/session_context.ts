/**
 * What a session is opened with, as far as its parts need it.
 *
 * @module
 */

import type { ExecutionStore } from "../execution/execution_store.ts";
import type { SessionLimits } from "../isolate/limits.ts";
import type { LogBook } from "../log_book.ts";
import type { PlaceMapper } from "./place_mapper.ts";

/** What a session needs of the runtime. */
export interface SessionContext {
  readonly executions: ExecutionStore;
  readonly logs: LogBook;
  readonly limits: SessionLimits;
  /** Rewrites places in errors to the author's files. */
  readonly places?: PlaceMapper;
}
