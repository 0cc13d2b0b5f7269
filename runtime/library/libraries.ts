/**
 * The libraries of this shard: deploy, upgrade, roll back, undeploy.
 *
 * @module
 */

import { LOCAL_SHARD_ID } from "../../contract/text/local_shard_id.ts";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type { DeployRequest } from "../engine/engine.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ServedSession } from "./list_sessions.ts";
import type { LogBook } from "../base/log_book.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import { checkImports } from "../session/import_check.ts";
import type { Registrar } from "../session/session_registrations.ts";
import type { EndOptions, RegistrationHost } from "../events/source/registration_port.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import type { DeployLease } from "./deploy_lease.ts";
import { DeployedLibrary } from "./deployed_library.ts";
import { redisUserOf } from "./grants.ts";
import type { LibraryInfo, LibrarySummary } from "../../contract/api/library_info.ts";
import { LibraryCalls } from "./library_calls.ts";
import { type LibraryChange, LibraryPeers, type PreparedChange } from "./library_peers.ts";
import type { LibraryStore, StoredLibrary, StoredVersion } from "./library_store.ts";
import { type LibraryPlace, type LoadedVersion, loadVersion } from "./load_version.ts";

const encoder = new TextEncoder();
/** What is replaced or undeployed does not begin anything more. */
const ABORT: EndOptions = { abortPending: true };

/** What libraries need of the runtime. */
export interface LibrariesContext extends LibraryPlace {
  readonly executions: ExecutionStore;
  readonly store: LibraryStore;
  readonly logs: LogBook;
  readonly registrations: RegistrationHost;
}

/** What is deployed: a library as it was sent, or a script that registers. */
export interface Deployment extends DeployRequest {
  readonly kind: "library" | "script";
  /** What the top level of a script read, as base64. */
  readonly recording?: string;
  /** What a script registers; a library says it when it is loaded. */
  readonly registrations?: readonly StoredRegistration[];
}

/** See the module. */
export class Libraries {
  /** Calls of what they export. */
  readonly calls: LibraryCalls;
  readonly #context: LibrariesContext;
  readonly #libraries = new Map<string, DeployedLibrary>();
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The runtimes that have the same libraries; null where this shard stands alone. */
  #peers: LibraryPeers | null = null;
  /** How often what serves here has changed: what was read before a change is out of date. */
  #changes = 0;

  constructor(context: LibrariesContext) {
    this.#context = context;
    this.calls = new LibraryCalls((name) => this.#find(name), context.executions);
  }

  /** From now on every change is one of all shards. */
  join(mesh: Mesh): LibraryPeers {
    const { logs } = this.#context;
    return this.#peers = new LibraryPeers(mesh, {
      load: (change) => this.#load(change),
      switchTo: async (change, loaded) => void await this.#putInPlace(change, loaded),
      sync: (name, options) => name === undefined ? this.#syncAll() : this.#sync(name, options),
    }, (error) => logs.addFailure("Cannot read the libraries", error));
  }

  /** Brings back what is stored. */
  async restore(): Promise<void> {
    const { store, logs } = this.#context;
    const stored = await store.loadAll((name, error) =>
      logs.addFailure(`Cannot read library ${name}`, error)
    );
    for (const library of stored) {
      if (!this.#libraries.has(library.name)) this.#follow(library.name, library);
    }
  }

  /** Takes over what other runtimes have stored. */
  sync(): Promise<void> {
    return this.#syncAll();
  }

  has(name: string): boolean {
    return this.#libraries.has(name);
  }

  list(): LibrarySummary[] {
    return [...this.#libraries.values()]
      .filter(({ currentVersion }) => currentVersion.kind === "library")
      .map((library) => library.summary)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Everything that is deployed, kept scripts included, with what it registers. */
  served(): ServedSession[] {
    return Array.from(this.#libraries.values(), ({ name: id, currentVersion }) => ({
      id,
      kind: currentVersion.kind,
      description: currentVersion.manifest.description,
      registrations: this.#context.registrations.idsOf(id),
    }));
  }

  get(name: string): LibraryInfo {
    return this.#find(name).info;
  }

  /** See `Engine.deploy`. */
  deploy(deployment: Deployment): Promise<LibrarySummary> {
    const { name, replaceWith = name } = deployment;
    return this.#change([name, replaceWith], (check) => this.#deploy(deployment, check));
  }

  /** The id of what a version that is to take the place of others registers. */
  async idFor(plan: RegistrationPlan, replaced: readonly string[]): Promise<string> {
    return this.#idBefore(plan, replaced) ?? await this.#context.registrations.newId();
  }

  /** See `Engine.rollback`. */
  rollback(name: string, version?: number): Promise<LibrarySummary> {
    return this.#change([name], async (check) => {
      const library = this.#find(name);
      const number = version ?? library.previousVersion();
      const stored = library.version(number);
      if (number === library.current) return library.summary;
      const { store } = this.#context;
      const change = { name, version: number, stored };
      const loaded = await this.#load(change);
      const prepared = await this.#orKill(loaded, () => this.#peers?.prepare(change));
      await this.#orKill(loaded, async () => {
        await check();
        await store.setCurrent(name, number, stored);
      }, prepared);
      return await this.#switch(change, loaded, prepared);
    });
  }

  /** See `Engine.resumeLibrary`. */
  resume(name: string): LibrarySummary {
    const library = this.#find(name);
    library.resume();
    return library.summary;
  }

  /** See `Engine.undeploy`. */
  undeploy(name: string): Promise<void> {
    return this.#change([name], async () => {
      const library = this.#find(name);
      await this.#context.store.remove(name).catch((error) => {
        throw toStoreError(error);
      });
      this.#libraries.delete(name);
      this.#changes++;
      const removed = this.#context.registrations.remove(name, ABORT);
      await this.#peers?.sync(name, ABORT);
      await library.stop();
      await removed;
    });
  }

  /**
   * Takes a registration out of the version that serves. A script goes with the last one.
   *
   * @throws `NO_REGISTRATION`, `LIBRARY_BUSY`, `REDIS_*`
   */
  unregister(name: string, id: string, options: EndOptions): Promise<void> {
    return this.#change([name], async (check) => {
      const library = this.#find(name);
      const { current, currentVersion } = library;
      const isThere = currentVersion.registrations.some((one) => one.id === id && !one.isGone);
      if (!isThere) throw new PinionError("NO_REGISTRATION", `There is no registration ${id}`);
      const registrations = currentVersion.registrations.map((one) =>
        one.id === id ? { ...one, isGone: true as const } : one
      );
      const isEmpty = currentVersion.kind === "script" &&
        registrations.every(({ isGone }) => isGone);
      const stored = { ...currentVersion, registrations };
      const { store } = this.#context;
      await check();
      await (isEmpty ? store.remove(name) : store.setCurrent(name, current, stored))
        .catch((error) => {
          throw toStoreError(error);
        });
      this.#changes++;
      if (isEmpty) this.#follow(name, null, options);
      else {
        library.amend(stored);
        await this.#context.registrations.serve(library, library.served, options);
      }
      await this.#peers?.sync(name, options);
    });
  }

  async #deploy(
    request: Deployment,
    check: () => Promise<void>,
  ): Promise<LibrarySummary> {
    const { kind, name, source, sourceMap, recording, manifest, replaceWith } = request;
    const existing = this.#libraries.get(name);
    if (existing !== undefined && !request.upgrade) {
      throw new PinionError(
        "SESSION_EXISTS",
        kind === "script"
          ? `Session ${name} already exists`
          : `Library ${name} exists already (version ${existing.current}); deploy it with --upgrade to replace it`,
      );
    }
    if (replaceWith !== undefined) this.#find(replaceWith);
    if (kind === "library") checkImports(source, `${name}.js`);
    const { store } = this.#context;
    const replaced = [name, ...(replaceWith === undefined ? [] : [replaceWith])];
    const { registrations: expected } = request;
    for (const { id, plan } of expected ?? []) {
      // It was given when the script was loaded: it must be the one of before still, or nobody's.
      const before = this.#idBefore(plan, replaced);
      if (before === undefined ? this.#isTaken(id) : before !== id) throw changedMeanwhile(name);
    }
    const hash = await sha256(source + (recording ?? ""));
    const version = { kind, source, sourceMap, recording, manifest, hash, registrations: expected };
    const loaded = await loadVersion(
      name,
      version,
      this.#context,
      expected === undefined ? this.#registrar(replaced, request.dryRun ?? false) : undefined,
    );
    const registrations = expected ?? loaded.registrations;
    const stored: StoredVersion = {
      kind,
      source,
      ...(sourceMap !== undefined && { sourceMap }),
      ...(recording !== undefined && { recording }),
      manifest,
      hash,
      deployedAt: new Date().toISOString(),
      exports: [...loaded.exports],
      registrations: [...registrations],
    };
    const number = await this.#orKill(loaded, async () => {
      if (loaded.exports.length === 0 && registrations.length === 0) {
        throw new PinionError(
          "BAD_ARGUMENT",
          `Library ${name} exports nothing to invoke and registers nothing: export an async function, a GearsBuilder or a default { fetch }, or call register()`,
        );
      }
      const redisUser = redisUserOf(manifest, this.#context.grantable);
      await this.#context.registrations.check(registrations, { replaced, redisUser });
      return Math.max(await store.nextVersion(name), (existing?.newest ?? 0) + 1);
    });
    const change = { name, version: number, stored, replaced: replaceWith };
    const prepared = await this.#orKill(loaded, () => this.#peers?.prepare(change));
    if (request.dryRun) {
      await prepared?.cancel();
      return await this.#endDryRun(name, number, stored, loaded);
    }
    await this.#orKill(loaded, async () => {
      await check();
      await store.addVersion(name, number, stored, replaceWith);
    }, prepared);
    return await this.#switch(change, loaded, prepared);
  }

  /** Gives ids to what a library registers; in a dry run, ones that are not used up by it. */
  #registrar(replaced: readonly string[], isDryRun: boolean): Registrar {
    if (!isDryRun) return (plan) => this.idFor(plan, replaced);
    return (plan, place) => this.#idBefore(plan, replaced) ?? `${LOCAL_SHARD_ID}-${place}`;
  }

  /** The id of the registration whose place it takes: one that waits for the same by the same name. */
  #idBefore({ name, trigger }: RegistrationPlan, replaced: readonly string[]): string | undefined {
    return replaced
      .flatMap((library) => this.#libraries.get(library)?.currentVersion.registrations ?? [])
      .find(({ plan, isGone }) =>
        !isGone && plan.name === name && plan.trigger.reader === trigger.reader
      )?.id;
  }

  #isTaken(id: string): boolean {
    return [...this.#libraries.values()].some(({ currentVersion: { registrations } }) =>
      registrations.some((registration) => registration.id === id)
    );
  }

  /** Loads what another version is to make room for, and looks whether it can fire here. */
  async #load({ name, stored, replaced }: LibraryChange): Promise<LoadedVersion> {
    const loaded = await loadVersion(name, stored, this.#context);
    const names = replaced === undefined ? [name] : [name, replaced];
    const { registrations, grantable } = this.#context;
    await this.#orKill(loaded, () =>
      registrations.check(stored.registrations, {
        replaced: names,
        redisUser: redisUserOf(stored.manifest, grantable),
      }));
    return loaded;
  }

  /** Everybody is prepared, and it is stored: it serves from now on. */
  async #switch(
    change: LibraryChange,
    loaded: LoadedVersion,
    prepared: PreparedChange | undefined,
  ): Promise<LibrarySummary> {
    const [summary] = await Promise.all([
      this.#putInPlace(change, loaded),
      prepared?.complete(),
    ]);
    return summary;
  }

  /** Resolves when events are taken. */
  async #putInPlace(
    { name, version: number, stored, replaced }: LibraryChange,
    loaded: LoadedVersion,
  ): Promise<LibrarySummary> {
    const { registrations } = this.#context;
    let library = this.#libraries.get(name);
    this.#changes++;
    if (library === undefined) {
      const versions = new Map([[number, stored]]);
      const deployed = { name, current: number, versions };
      library = new DeployedLibrary(deployed, this.#context, loaded);
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

  async #endDryRun(
    name: string,
    number: number,
    stored: StoredVersion,
    loaded: LoadedVersion,
  ): Promise<LibrarySummary> {
    await loaded.session.kill(new PinionError("ISOLATE_DIED", "The dry run is over"));
    const versions = new Map([[number, stored]]);
    return new DeployedLibrary({ name, current: number, versions }, this.#context).summary;
  }

  /**
   * Does a step of a change; where it fails, the new session goes, here and on other shards, and
   * nothing changed.
   */
  async #orKill<T>(
    loaded: LoadedVersion,
    step: () => T | Promise<T>,
    prepared?: PreparedChange,
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      await prepared?.cancel();
      await loaded.session.kill(new PinionError("ISOLATE_DIED", "The deploy failed"));
      throw toStoreError(error);
    }
  }

  /**
   * Makes a change when it is its turn, here and among the shards.
   *
   * @param names Of the libraries that it is about.
   * @param change Calls what it is given before it stores anything.
   */
  #change<T>(
    names: readonly string[],
    change: (check: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#peers === null) return await change(() => Promise.resolve());
      const { store } = this.#context;
      await using leases = new AsyncDisposableStack();
      const taken: DeployLease[] = [];
      // In one order everywhere, so that two changes never wait for each other.
      for (const name of [...new Set(names)].sort()) {
        const lease = await store.lease(name).catch((error) => {
          throw toStoreError(error);
        });
        taken.push(leases.use(lease));
        await this.#sync(name);
      }
      return await change(async () => {
        for (const lease of taken) await lease.check();
      });
    });
  }

  /** Takes over what is stored of all libraries. */
  async #syncAll(): Promise<void> {
    const { store, logs } = this.#context;
    const unreadable = new Set<string>();
    const stored = await this.#readUndisturbed(() =>
      store.loadAll((name, error) => {
        unreadable.add(name);
        logs.addFailure(`Cannot read library ${name}`, error);
      })
    );
    for (const library of stored) this.#follow(library.name, library);
    const names = new Set([...stored.map(({ name }) => name), ...unreadable]);
    for (const name of this.#libraries.keys()) if (!names.has(name)) this.#follow(name, null);
  }

  async #sync(name: string, options: EndOptions = ABORT): Promise<void> {
    const stored = await this.#readUndisturbed(() => this.#context.store.load(name));
    this.#follow(name, stored, options);
  }

  /** Reads again where something was changed here meanwhile. */
  async #readUndisturbed<T>(read: () => Promise<T>): Promise<T> {
    while (true) {
      const changes = this.#changes;
      const value = await read();
      if (changes === this.#changes) return value;
    }
  }

  #follow(name: string, stored: StoredLibrary | null, options: EndOptions = ABORT): void {
    const { registrations } = this.#context;
    let library = this.#libraries.get(name);
    if (stored === null) {
      this.#libraries.delete(name);
      const removed = registrations.remove(name, options);
      // A script goes with its last registration: what that has under way runs to its end.
      const gone = library;
      if (gone?.currentVersion.kind === "script") {
        gone.live?.session.retire();
        void removed.then(() => gone.retire());
      } else void gone?.stop();
      return;
    }
    if (library !== undefined) library.follow(stored);
    else {
      library = new DeployedLibrary(stored, this.#context);
      this.#libraries.set(name, library);
    }
    void registrations.serve(library, library.served, options);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(change);
    this.#turn = result.catch(() => {});
    return result;
  }

  #find(name: string): DeployedLibrary {
    const library = this.#libraries.get(name);
    if (library !== undefined) return library;
    throw new PinionError(
      "NO_LIBRARY",
      `There is no library ${JSON.stringify(name)}; \`deno task pinion libraries\` lists them`,
    );
  }
}

/** Why Redis did not store a change. */
function toStoreError(error: unknown): PinionError {
  if (error instanceof PinionError) return error;
  if (error instanceof Error && error.name === "ReplyError") {
    const message = `Nothing was changed: Redis answered ${error.message}`;
    return new PinionError("REDIS_ERROR", message, { cause: error });
  }
  return new PinionError(
    "REDIS_UNAVAILABLE",
    "Nothing was changed: Redis did not store the library; try again when it is back",
    { cause: error },
  );
}

function changedMeanwhile(name: string): PinionError {
  return new PinionError(
    "LIBRARY_BUSY",
    `Cannot register ${name}: it was changed while the script was loaded; try again`,
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return new Uint8Array(digest).toHex();
}
