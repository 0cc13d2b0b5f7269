/**
 * Use cases of scripts: RG.TSEXECUTE, `POST /v1/run`, RG.DUMPSESSIONS.
 *
 * @module
 */

import type { ScriptOptions, ScriptOutcome } from "../../../contract/api/script_outcome.ts";
import type { SessionInfo } from "../../../contract/api/session_info.ts";
import type { Libraries } from "../../library/libraries.ts";
import { listSessions } from "../../library/list_sessions.ts";
import type { Scripts } from "../../library/scripts.ts";
import type { Sessions } from "../../session/sessions.ts";
import type { Availability } from "./availability.ts";

/** Parts that scripts are run with. */
export interface ScriptsApiDeps {
  readonly scripts: Scripts;
  readonly sessions: Sessions;
  readonly libraries: Libraries;
  readonly availability: Availability;
}

/** Runs scripts and lists the sessions that they leave. */
export class ScriptsApi {
  readonly #deps: ScriptsApiDeps;

  constructor(deps: ScriptsApiDeps) {
    this.#deps = deps;
  }

  /**
   * Runs a script. Aborting `signal` while it blocks kills the script and its execution.
   *
   * @throws `SCRIPT_*`, `BAD_IMPORT`, `BAD_PLAN`, `SESSION_EXISTS`, `NO_SESSION`, `LIMIT_*`,
   * `EXECUTION_ABORTED`, `REDIS_UNAVAILABLE`
   */
  run(source: string, options: ScriptOptions, signal?: AbortSignal): Promise<ScriptOutcome> {
    const { availability, scripts } = this.#deps;
    return availability.whileUp(() => scripts.run(source, options, signal));
  }

  /** Sessions that run, and those that wait for events without running. */
  listSessions(): SessionInfo[] {
    return listSessions(this.#deps.sessions.list(), this.#deps.libraries.served());
  }
}
