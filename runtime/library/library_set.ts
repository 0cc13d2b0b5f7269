/**
 * The libraries that serve on this shard, by name: what changes here changes their registrations
 * too.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import type { LibraryInfo, LibrarySummary } from "../../contract/api/library_info.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import { PinionError } from "../../errors.ts";
import type { EndOptions, RegistrationPort } from "../events/source/registration_port.ts";
import { DeployedLibrary } from "./deployed_library.ts";
import type { LibraryChange } from "./library_peers.ts";
import type { StoredLibrary, StoredVersion } from "./store/library_store.ts";
import type { ServedSession } from "./list_sessions.ts";
import type { LibraryDeps, LoadedVersion } from "./load_version.ts";

/** End of registrations that are replaced or undeployed: they begin nothing more. */
export const ABORT: EndOptions = { abortPending: true };

/** Services that the libraries of a shard use. */
export interface LibrarySetDeps extends LibraryDeps {
  readonly registrations: RegistrationPort;
}

/** Keeps the libraries of one shard. */
export class LibrarySet {
  readonly #deps: LibrarySetDeps;
  readonly #libraries = new Map<string, DeployedLibrary>();
  #changes = 0;

  constructor(deps: LibrarySetDeps) {
    this.#deps = deps;
  }

  /** Number of changes so far: a state that was read before a change is out of date. */
  get changes(): number {
    return this.#changes;
  }

  get names(): string[] {
    return [...this.#libraries.keys()];
  }

  has(name: string): boolean {
    return this.#libraries.has(name);
  }

  get(name: string): DeployedLibrary | undefined {
    return this.#libraries.get(name);
  }

  /** @throws `NO_LIBRARY` */
  find(name: string): DeployedLibrary {
    const library = this.#libraries.get(name);
    if (library !== undefined) return library;
    throw new PinionError(
      "NO_LIBRARY",
      `There is no library ${JSON.stringify(name)}; \`${PROGRAM} libraries\` lists them`,
    );
  }

  /** Lists libraries, without scripts that are kept. */
  list(): LibrarySummary[] {
    return [...this.#libraries.values()]
      .filter(({ versions }) => versions.serving.kind === "library")
      .map((library) => library.summary)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Lists everything that is deployed, kept scripts included, with its registrations. */
  served(): ServedSession[] {
    return Array.from(this.#libraries.values(), ({ name: id, versions }) => ({
      id,
      kind: versions.serving.kind,
      description: versions.serving.manifest.description,
      registrations: this.#deps.registrations.idsOf(id),
    }));
  }

  /** Shows one library. @throws `NO_LIBRARY` */
  info(name: string): LibraryInfo {
    return this.find(name).info;
  }

  /**
   * Finds the id of the registration whose place `plan` takes: one of the same name and reader in
   * one of the libraries `replaced`.
   */
  idBefore({ name, trigger }: RegistrationPlan, replaced: readonly string[]): string | undefined {
    return replaced
      .flatMap((library) => this.#libraries.get(library)?.versions.serving.registrations ?? [])
      .find(({ plan, isGone }) =>
        !isGone && plan.name === name && plan.trigger.reader === trigger.reader
      )?.id;
  }

  /** Tells whether a registration has this id. */
  isTaken(id: string): boolean {
    return [...this.#libraries.values()].some(({ versions: { serving: { registrations } } }) =>
      registrations.some((registration) => registration.id === id)
    );
  }

  /** Lets a version serve from now on. Resolves when its events are taken. */
  async putInPlace(
    { name, version: number, stored, replaced }: LibraryChange,
    loaded: LoadedVersion,
  ): Promise<LibrarySummary> {
    const { registrations } = this.#deps;
    let library = this.#libraries.get(name);
    this.#changes++;
    if (library === undefined) {
      const versions = new Map([[number, stored]]);
      library = new DeployedLibrary({ name, current: number, versions }, this.#deps, loaded);
      this.#libraries.set(name, library);
    } else library.switchTo(number, stored, loaded);
    const serving = registrations.serve(library, library.served, ABORT);
    if (replaced !== undefined && replaced !== name) {
      void registrations.remove(replaced, ABORT);
      void this.#libraries.get(replaced)?.retire();
      this.#libraries.delete(replaced);
    }
    await serving;
    return library.summary;
  }

  /** Replaces what the version that serves registers. Resolves when registrations have followed. */
  async amend(name: string, stored: StoredVersion, options: EndOptions): Promise<void> {
    const library = this.find(name);
    this.#changes++;
    library.versions.amend(stored);
    await this.#deps.registrations.serve(library, library.served, options);
  }

  /** Removes a library. Nothing of it begins any more; `stop` ends what is under way. */
  remove(library: DeployedLibrary): { stop(): Promise<void> } {
    this.#libraries.delete(library.name);
    this.#changes++;
    const removed = this.#deps.registrations.remove(library.name, ABORT);
    return {
      async stop(): Promise<void> {
        await library.stop();
        await removed;
      },
    };
  }

  /** Takes over the state that is stored; null where the library is stored no more. */
  follow(name: string, stored: StoredLibrary | null, options: EndOptions = ABORT): void {
    if (stored === null) return this.#drop(name, options);
    let library = this.#libraries.get(name);
    if (library !== undefined) library.follow(stored);
    else {
      library = new DeployedLibrary(stored, this.#deps);
      this.#libraries.set(name, library);
    }
    void this.#deps.registrations.serve(library, library.served, options);
  }

  /**
   * Drops a library. A script goes with its last registration: its work under way runs to its end.
   */
  #drop(name: string, options: EndOptions): void {
    const library = this.#libraries.get(name);
    this.#libraries.delete(name);
    this.#changes++;
    const removed = this.#deps.registrations.remove(name, options);
    if (library?.versions.serving.kind !== "script") return void library?.stop();
    library.live?.session.retire();
    void removed.then(() => library.retire());
  }
}
