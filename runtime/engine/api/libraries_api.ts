/**
 * Use cases of libraries: `deploy` and its like, `/v1/libraries`.
 *
 * @module
 */

import type {
  DeployRequest,
  LibraryInfo,
  LibrarySummary,
} from "../../../contract/api/library_info.ts";
import type { Libraries } from "../../library/libraries.ts";
import type { Availability } from "./availability.ts";

/** Deploys libraries, lists them, goes back to versions, removes them. */
export class LibrariesApi {
  readonly #libraries: Libraries;
  readonly #availability: Availability;

  constructor(libraries: Libraries, availability: Availability) {
    this.#libraries = libraries;
    this.#availability = availability;
  }

  /** Deploys, all or nothing. @throws `SCRIPT_*`, `BAD_IMPORT`, `BAD_ARGUMENT`, `SESSION_EXISTS` */
  deploy(request: DeployRequest): Promise<LibrarySummary> {
    return this.#availability.whileUp(() =>
      this.#libraries.deploy({ ...request, kind: "library" })
    );
  }

  /** Libraries that are deployed. */
  list(): LibrarySummary[] {
    return this.#libraries.list();
  }

  /** One with its manifest and its versions. @throws `NO_LIBRARY` */
  // deno-lint-ignore require-await
  async get(name: string): Promise<LibraryInfo> {
    return this.#libraries.get(name);
  }

  /**
   * Goes back to a version.
   *
   * @param version Default: the one before the current one.
   * @throws `NO_LIBRARY`, `NO_VERSION`
   */
  rollback(name: string, version?: number): Promise<LibrarySummary> {
    return this.#availability.whileUp(() => this.#libraries.rollback(name, version));
  }

  /** Lifts the quarantine of a library that kept dying. @throws `NO_LIBRARY` */
  resume(name: string): LibrarySummary {
    return this.#libraries.resume(name);
  }

  /** Removes a library with all its versions. @throws `NO_LIBRARY` */
  undeploy(name: string): Promise<void> {
    return this.#availability.whileUp(() => this.#libraries.undeploy(name));
  }
}
