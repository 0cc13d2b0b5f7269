/**
 * Where a registration's events are run now: the session that serves its library, and the place of
 * the registration in the module there.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { ServingModule } from "./library_runner.ts";
import type { ServingLibrary, ServingSession } from "../source/registration_port.ts";

/** See the module. */
export class ServingPlace {
  /** Another one when the registration goes on in another library. */
  library: ServingLibrary;
  readonly #id: string;
  #last: { readonly serving: ServingSession; readonly module: ServingModule } | null = null;

  /** @param id The registration's. */
  constructor(id: string, library: ServingLibrary) {
    this.#id = id;
    this.library = library;
  }

  /** See `SourcePlace.serve`. */
  get(): ServingModule | Promise<ServingModule> {
    const { live } = this.library;
    return live === null ? this.library.load().then((one) => this.#find(one)) : this.#find(live);
  }

  #find(serving: ServingSession): ServingModule {
    if (serving === this.#last?.serving) return this.#last.module;
    const registration = serving.registrations.findIndex(({ id }) => id === this.#id);
    if (registration < 0) {
      throw new PinionError(
        "NO_REGISTRATION",
        `Library ${this.library.name} does not have the registration ${this.#id} any more`,
      );
    }
    const module = { session: serving.session, registration };
    this.#last = { serving, module };
    return module;
  }
}
