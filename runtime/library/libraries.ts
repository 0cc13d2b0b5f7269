/**
 * The libraries of this shard: deploy, upgrade, roll back, undeploy, invoke.
 *
 * @module
 */

import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type {
  DeployRequest,
  ExecutionOutcome,
  FetchReply,
  FetchRequest,
  InvokeOptions,
} from "../engine.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ExecutionOrigin, PreparedPart } from "../execution/part.ts";
import { toJsonText } from "../json_text.ts";
import type { LogBook } from "../log_book.ts";
import { checkImports } from "../session/import_check.ts";
import {
  DeployedLibrary,
  type LibraryPlace,
  type LoadedVersion,
  loadVersion,
} from "./deployed_library.ts";
import type { LibraryInfo, LibrarySummary } from "./library.ts";
import { type LibraryChange, LibraryPeers, type PreparedChange } from "./library_peers.ts";
import type { LibraryStore, StoredLibrary, StoredVersion } from "./library_store.ts";

const encoder = new TextEncoder();

/** What libraries need of the runtime. */
export interface LibrariesContext extends LibraryPlace {
  readonly executions: ExecutionStore;
  readonly store: LibraryStore;
  readonly logs: LogBook;
}

/** See the module. */
export class Libraries {
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
  }

  /** From now on every change is one of all shards. */
  join(mesh: Mesh): LibraryPeers {
    const { logs } = this.#context;
    return this.#peers = new LibraryPeers(mesh, {
      load: ({ name, stored }) => loadVersion(name, stored, this.#context),
      switchTo: (change, loaded) => void this.#putInPlace(change, loaded),
      sync: (name) => name === undefined ? this.#syncAll() : this.#sync(name),
    }, (error) => logs.addFailure("Cannot read the libraries", error));
  }

  /** Brings back what is stored. */
  async restore(): Promise<void> {
    const { store, logs } = this.#context;
    const stored = await store.loadAll((name, error) =>
      logs.addFailure(`Cannot read library ${name}`, error)
    );
    for (const library of stored) {
      if (this.#libraries.has(library.name)) continue;
      this.#libraries.set(library.name, new DeployedLibrary(library, this.#context));
    }
  }

  has(name: string): boolean {
    return this.#libraries.has(name);
  }

  list(): LibrarySummary[] {
    return Array.from(this.#libraries.values(), (library) => library.summary)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): LibraryInfo {
    return this.#find(name).info;
  }

  /** See `Engine.deploy`. */
  deploy(request: DeployRequest): Promise<LibrarySummary> {
    return this.#change(request.name, (check) => this.#deploy(request, check));
  }

  /** See `Engine.rollback`. */
  rollback(name: string, version?: number): Promise<LibrarySummary> {
    return this.#change(name, async (check) => {
      const library = this.#find(name);
      const number = version ?? library.previousVersion();
      const stored = library.version(number);
      if (number === library.current) return library.summary;
      const { store } = this.#context;
      const loaded = await loadVersion(name, stored, this.#context);
      const change = { name, version: number, stored };
      const prepared = await this.#orKill(loaded, () => this.#peers?.prepare(change));
      await this.#orKill(loaded, async () => {
        await check();
        await store.setCurrent(name, number, stored);
      }, prepared);
      await prepared?.complete();
      return this.#putInPlace(change, loaded);
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
    return this.#change(name, async () => {
      const library = this.#find(name);
      await this.#context.store.remove(name).catch((error) => {
        throw toStoreError(error);
      });
      this.#libraries.delete(name);
      this.#changes++;
      await this.#peers?.sync(name);
      await library.stop();
    });
  }

  /** See `Engine.invoke`. */
  async invoke(
    name: string,
    exportName: string,
    body: Uint8Array,
    options?: InvokeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const library = this.#find(name);
    library.invocations++;
    try {
      const { session, exports } = library.live ?? await library.load();
      const found = exports.find((one) => one.name === exportName && one.kind !== "fetch");
      if (found === undefined) throw noExport(name, exportName, exports);
      if (found.kind === "function") return await session.invoke(exportName, body, options?.signal);
      const execution = await session.runExport(exportName, body);
      const abort = () => void session.abort(execution.id, callerGone());
      options?.signal?.addEventListener("abort", abort, { once: true });
      if (options?.signal?.aborted) abort();
      await execution.over;
      options?.signal?.removeEventListener("abort", abort);
      await execution.gone;
      this.#context.executions.forget(execution.id);
      return encoder.encode(outcomeText(execution.id, execution.finalOutcome()));
    } catch (error) {
      library.failures++;
      throw error;
    }
  }

  /** Has the version that serves here prepare its part of a run that another shard began. */
  async prepare(
    { name, hash, exportName, body }: Extract<ExecutionOrigin, { kind: "library" }>,
  ): Promise<PreparedPart> {
    const library = this.#find(name);
    if (library.summary.hash !== hash) throw otherVersion(name);
    const { session, exports } = library.live ?? await library.load();
    if (!exports.some((one) => one.name === exportName && one.kind === "builder")) {
      throw noExport(name, exportName, exports);
    }
    const { run, plan } = await session.prepareExport(exportName, body);
    let executionId: string | undefined;
    return {
      session: name,
      plan,
      start(execution, place, part) {
        executionId = execution.id;
        const port = session.startPart(run, execution, place, part);
        execution.over.then(() => port.complete([]));
        return port;
      },
      async release(reason) {
        if (executionId === undefined) session.refuseRun(run, reason);
        else await session.abort(executionId, reason);
      },
    };
  }

  /** See `Engine.fetch`. */
  async fetch(name: string, request: FetchRequest, options?: InvokeOptions): Promise<FetchReply> {
    const library = this.#find(name);
    library.invocations++;
    try {
      const { session, exports } = library.live ?? await library.load();
      if (!exports.some(({ kind }) => kind === "fetch")) throw noExport(name, "default", exports);
      return await session.fetch(request, options?.signal);
    } catch (error) {
      library.failures++;
      throw error;
    }
  }

  async #deploy(
    request: DeployRequest,
    check: () => Promise<void>,
  ): Promise<LibrarySummary> {
    const { name, source, sourceMap, manifest, replaceWith } = request;
    const existing = this.#libraries.get(name);
    if (existing !== undefined && !request.upgrade) {
      throw new PinionError(
        "SESSION_EXISTS",
        `Library ${name} exists already (version ${existing.current}); deploy it with --upgrade to replace it`,
      );
    }
    if (replaceWith !== undefined) this.#find(replaceWith);
    checkImports(source, `${name}.js`);
    const { store } = this.#context;
    const loaded = await loadVersion(name, { source, sourceMap, manifest }, this.#context);
    const stored: StoredVersion = {
      source,
      ...(sourceMap !== undefined && { sourceMap }),
      manifest,
      hash: await sha256(source),
      deployedAt: new Date().toISOString(),
      exports: [...loaded.exports],
    };
    const number = await this.#orKill(loaded, async () => {
      if (loaded.exports.length === 0) {
        throw new PinionError(
          "BAD_ARGUMENT",
          `Library ${name} exports nothing to invoke: export an async function, a GearsBuilder or a default { fetch }`,
        );
      }
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
    await prepared?.complete();
    return this.#putInPlace(change, loaded);
  }

  #putInPlace(
    { name, version: number, stored, replaced }: LibraryChange,
    loaded: LoadedVersion,
  ): LibrarySummary {
    let library = this.#libraries.get(name);
    this.#changes++;
    if (library === undefined) {
      const versions = new Map([[number, stored]]);
      const deployed = { name, current: number, versions };
      library = new DeployedLibrary(deployed, this.#context, loaded);
      this.#libraries.set(name, library);
    } else library.switchTo(number, stored, loaded);
    if (replaced !== undefined && replaced !== name) {
      void this.#libraries.get(replaced)?.retire();
      this.#libraries.delete(replaced);
    }
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
   * @param change Calls what it is given before it stores anything.
   */
  #change<T>(name: string, change: (check: () => Promise<void>) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#peers === null) return await change(() => Promise.resolve());
      const { store } = this.#context;
      await using lease = await store.lease(name).catch((error) => {
        throw toStoreError(error);
      });
      await this.#sync(name);
      return await change(() => lease.check());
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

  async #sync(name: string): Promise<void> {
    this.#follow(name, await this.#readUndisturbed(() => this.#context.store.load(name)));
  }

  /** Reads again where something was changed here meanwhile. */
  async #readUndisturbed<T>(read: () => Promise<T>): Promise<T> {
    while (true) {
      const changes = this.#changes;
      const value = await read();
      if (changes === this.#changes) return value;
    }
  }

  #follow(name: string, stored: StoredLibrary | null): void {
    const library = this.#libraries.get(name);
    if (stored === null) {
      this.#libraries.delete(name);
      void library?.stop();
    } else if (library !== undefined) library.follow(stored);
    else this.#libraries.set(name, new DeployedLibrary(stored, this.#context));
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

function noExport(
  name: string,
  exportName: string,
  exports: readonly { readonly name: string; readonly kind: string }[],
): PinionError {
  const list = exports.map((one) => `${one.name} (${one.kind})`).join(", ");
  return new PinionError(
    "NO_EXPORT",
    `Library ${name} has no export ${JSON.stringify(exportName)} to invoke here; it has: ${list}`,
  );
}

function otherVersion(name: string): PinionError {
  return new PinionError(
    "NO_VERSION",
    `Library ${name} has another version on this shard; try again when its deploy is through`,
  );
}

function outcomeText(executionId: string, { results, errors }: ExecutionOutcome): string {
  return toJsonText({ executionId, results, errors });
}

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The execution was stopped: its caller went away");
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return new Uint8Array(digest).toHex();
}
