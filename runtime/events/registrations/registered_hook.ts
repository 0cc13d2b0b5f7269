/**
 * Calls `onRegistered` of a registration once for each version on each shard.
 *
 * Redis keeps the version that it was called for. It counts as called when its isolate died of it,
 * too; only where the runtime dies meanwhile, it is called again.
 *
 * @module
 */

import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import { PinionError } from "../../../errors.ts";
import type { LogBook } from "../../base/log_book.ts";
import type { ServingLookup } from "../delivery/serving_lookup.ts";
import type { RegistrationStore } from "./registration_store.ts";

/** Remembers the version whose `onRegistered` was called. */
export class RegisteredHook {
  readonly #serving: ServingLookup;
  readonly #store: RegistrationStore;
  readonly #logs: LogBook;
  /** Mark of the version whose `onRegistered` was called, and of the one that Redis knows of. */
  #called: string | null = null;
  #marked: string | null = null;

  constructor(
    serving: ServingLookup,
    { store, logs }: { readonly store: RegistrationStore; readonly logs: LogBook },
  ) {
    this.#serving = serving;
    this.#store = store;
    this.#logs = logs;
  }

  /** Calls it where this version's has not been called. @throws as an invocation, `REDIS_*` */
  async call(library: string, { id, plan }: StoredRegistration, mark: string): Promise<void> {
    if (plan.onRegistered === undefined || this.#marked === mark) return;
    if (await this.#store.registeredVersion(id) !== mark) {
      if (this.#called !== mark) {
        const { session, registration } = await this.#serving.get();
        await session.functions.callOnRegistered(registration).catch((error) => {
          const { message } = PinionError.from(error);
          this.#logs.add(library, "warning", `onRegistered of ${plan.name} failed: ${message}`);
        });
        this.#called = mark;
      }
      await this.#store.setRegisteredVersion(id, mark);
    }
    this.#marked = mark;
  }
}
