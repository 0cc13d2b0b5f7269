/**
 * The use cases of one shard, a part for each noun: the adapters (RESP, HTTP) call them and format.
 *
 * `create_engine.ts` builds it. Every method rejects with a `PinionError` whose code is in the
 * table of `errors.ts`. Rooms further down never import it.
 *
 * @module
 */

import type { ConfigStore } from "../base/config_store.ts";
import type { ClusterApi } from "./api/cluster_api.ts";
import type { DeadLettersApi } from "./api/dead_letters_api.ts";
import type { ExecutionsApi } from "./api/executions_api.ts";
import type { FunctionsApi } from "./api/functions_api.ts";
import type { LibrariesApi } from "./api/libraries_api.ts";
import type { RegistrationsApi } from "./api/registrations_api.ts";
import type { ScriptsApi } from "./api/scripts_api.ts";
import type { StatusApi } from "./api/status_api.ts";

/** One shard's engine. Disposing it kills every isolate and closes every link. */
export interface Engine extends AsyncDisposable {
  /** The keys of RG.CONFIGGET and RG.CONFIGSET. */
  readonly config: ConfigStore;
  readonly scripts: ScriptsApi;
  readonly executions: ExecutionsApi;
  readonly registrations: RegistrationsApi;
  readonly deadLetters: DeadLettersApi;
  readonly libraries: LibrariesApi;
  readonly functions: FunctionsApi;
  readonly cluster: ClusterApi;
  readonly status: StatusApi;
}
