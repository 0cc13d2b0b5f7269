/**
 * Makes changes of libraries one after the other, on this shard and among the shards.
 *
 * @module
 */

import type { DeployLease } from "./store/deploy_lease.ts";
import type { LibraryStore } from "./store/library_store.ts";
import { toStoreError } from "./store/store_error.ts";

/** A change. It calls `check` before it stores anything. */
export type Change<T> = (check: () => Promise<void>) => Promise<T>;

/** Queues changes, and holds the leases that they need. */
export class ChangeTurns {
  readonly #store: LibraryStore;
  readonly #sync: (name: string) => Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  /** True if other runtimes change the same libraries. */
  isShared = false;

  /** @param sync Takes over the stored state of a library whose lease was taken. */
  constructor(store: LibraryStore, sync: (name: string) => Promise<void>) {
    this.#store = store;
    this.#sync = sync;
  }

  /**
   * Makes a change when it is its turn.
   *
   * @param names Of the libraries that it is about.
   * @throws `LIBRARY_BUSY`, `REDIS_*`, as the change
   */
  take<T>(names: readonly string[], change: Change<T>): Promise<T> {
    const result = this.#turn.then(() =>
      this.isShared ? this.#withLeases(names, change) : change(() => Promise.resolve())
    );
    this.#turn = result.catch(() => {});
    return result;
  }

  async #withLeases<T>(names: readonly string[], change: Change<T>): Promise<T> {
    await using leases = new AsyncDisposableStack();
    const taken: DeployLease[] = [];
    // In one order everywhere, so that two changes never wait for each other.
    for (const name of [...new Set(names)].sort()) {
      const lease = await this.#store.lease(name).catch((error) => {
        throw toStoreError(error);
      });
      taken.push(leases.use(lease));
      await this.#sync(name);
    }
    return await change(async () => {
      for (const lease of taken) await lease.check();
    });
  }
}
