/**
 * The libraries of this shard: deploy, upgrade, roll back, undeploy.
 *
 * @module
 */

import type { LibraryInfo, LibrarySummary } from "../../contract/api/library_info.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type { LogBook } from "../base/log_book.ts";
import type { EndOptions } from "../events/source/registration_port.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import { ChangeTurns } from "./change_turns.ts";
import { LibraryCalls } from "./library_calls.ts";
import { type Deployment, LibraryDeploys, type LibraryDeploysDeps } from "./library_deploys.ts";
import { LibraryPeers } from "./library_peers.ts";
import { ABORT, LibrarySet } from "./library_set.ts";
import { LibrarySync } from "./library_sync.ts";
import type { ServedSession } from "./list_sessions.ts";
import { toStoreError } from "./store/store_error.ts";

/** Services that libraries use. */
export interface LibrariesDeps extends LibraryDeploysDeps {
  readonly executions: ExecutionStore;
  readonly logs: LogBook;
}

/** Deploys, upgrades, rolls back and removes libraries. */
export class Libraries {
  /** Calls of their exports. */
  readonly calls: LibraryCalls;
  readonly #deps: LibrariesDeps;
  readonly #set: LibrarySet;
  readonly #sync: LibrarySync;
  readonly #turns: ChangeTurns;
  readonly #deploys: LibraryDeploys;

  constructor(deps: LibrariesDeps) {
    const { executions, logs, store } = deps;
    const set = new LibrarySet(deps);
    this.#deps = deps;
    this.#set = set;
    this.#sync = new LibrarySync(set, store, logs);
    this.#turns = new ChangeTurns(store, (name) => this.#sync.sync(name));
    this.#deploys = new LibraryDeploys(deps, set);
    this.calls = new LibraryCalls((name) => set.find(name), executions);
  }

  /** Makes every change from now on one of all shards. */
  join(mesh: Mesh): LibraryPeers {
    const { logs } = this.#deps;
    this.#turns.isShared = true;
    return this.#deploys.peers = new LibraryPeers(mesh, {
      load: (change) => this.#deploys.load(change),
      switchTo: async (change, loaded) => void await this.#set.putInPlace(change, loaded),
      sync: (name, options) =>
        name === undefined ? this.#sync.syncAll() : this.#sync.sync(name, options),
    }, (error) => logs.addFailure("Cannot read the libraries", error));
  }

  /** Brings back the libraries that are stored. */
  restore(): Promise<void> {
    return this.#sync.restore();
  }

  /** Takes over libraries as other runtimes have stored them. */
  sync(): Promise<void> {
    return this.#sync.syncAll();
  }

  has(name: string): boolean {
    return this.#set.has(name);
  }

  /** Lists libraries, without scripts that are kept. */
  list(): LibrarySummary[] {
    return this.#set.list();
  }

  /** Lists everything that is deployed, kept scripts included, with its registrations. */
  served(): ServedSession[] {
    return this.#set.served();
  }

  /** Shows one library. @throws `NO_LIBRARY` */
  get(name: string): LibraryInfo {
    return this.#set.info(name);
  }

  /** Deploys, all or nothing. @throws as `LibrariesApi.deploy` */
  deploy(deployment: Deployment): Promise<LibrarySummary> {
    const { name, replaceWith = name } = deployment;
    return this.#turns.take(
      [name, replaceWith],
      (check) => this.#deploys.deploy(deployment, check),
    );
  }

  /** Gives the id of a registration whose version is to take the place of others. */
  idFor(plan: RegistrationPlan, replaced: readonly string[]): Promise<string> {
    return this.#deploys.idFor(plan, replaced);
  }

  /** Goes back to a version. @throws as `LibrariesApi.rollback` */
  rollback(name: string, version?: number): Promise<LibrarySummary> {
    return this.#turns.take([name], (check) => this.#deploys.rollback(name, version, check));
  }

  /** Lifts the quarantine. @throws `NO_LIBRARY` */
  resume(name: string): LibrarySummary {
    const library = this.#set.find(name);
    library.resume();
    return library.summary;
  }

  /** Removes a library with all its versions. @throws `NO_LIBRARY` */
  undeploy(name: string): Promise<void> {
    return this.#turns.take([name], async () => {
      const library = this.#set.find(name);
      await this.#store(this.#deps.store.remove(name));
      const removed = this.#set.remove(library);
      await this.#deploys.peers?.sync(name, ABORT);
      await removed.stop();
    });
  }

  /**
   * Takes a registration out of the version that serves. A script goes with the last one.
   *
   * @throws `NO_REGISTRATION`, `LIBRARY_BUSY`, `REDIS_*`
   */
  unregister(name: string, id: string, options: EndOptions): Promise<void> {
    return this.#turns.take([name], async (check) => {
      const { current, serving } = this.#set.find(name).versions;
      const isThere = serving.registrations.some((one) => one.id === id && !one.isGone);
      if (!isThere) throw new PinionError("NO_REGISTRATION", `There is no registration ${id}`);
      const registrations = serving.registrations.map((one) =>
        one.id === id ? { ...one, isGone: true as const } : one
      );
      const isOver = serving.kind === "script" && registrations.every((one) => one.isGone);
      const stored = { ...serving, registrations };
      const { store } = this.#deps;
      await check();
      await this.#store(isOver ? store.remove(name) : store.setCurrent(name, current, stored));
      if (isOver) this.#set.follow(name, null, options);
      else await this.#set.amend(name, stored, options);
      await this.#deploys.peers?.sync(name, options);
    });
  }

  /** Awaits a write. @throws `REDIS_*` */
  async #store(written: Promise<unknown>): Promise<void> {
    try {
      await written;
    } catch (error) {
      throw toStoreError(error);
    }
  }
}
