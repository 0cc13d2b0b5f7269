/**
 * Replaces the version of a library that serves: it is loaded here, prepared on the other shards,
 * stored, and then serves everywhere. A failure before it is stored changes nothing.
 *
 * @module
 */

import type { DeployRequest, LibrarySummary } from "../../contract/api/library_info.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import { LOCAL_SHARD_ID } from "../../contract/text/local_shard_id.ts";
import { PinionError } from "../../errors.ts";
import { checkImports } from "../session/base/import_check.ts";
import type { Registrar } from "../session/session_registrations.ts";
import { DeployedLibrary } from "./deployed_library.ts";
import { redisUserOf } from "./grants.ts";
import type { LibraryChange, LibraryPeers, PreparedChange } from "./library_peers.ts";
import type { LibrarySet, LibrarySetDeps } from "./library_set.ts";
import type { LibraryStore, StoredVersion } from "./store/library_store.ts";
import { type LoadedVersion, loadVersion } from "./load_version.ts";
import { toStoreError } from "./store/store_error.ts";

const encoder = new TextEncoder();

/** A deployment: a library as it was sent, or a script that registers. */
export interface Deployment extends DeployRequest {
  readonly kind: "library" | "script";
  /** Reads of a script's top level, as base64. */
  readonly recording?: string;
  /** Registrations of a script; a library says its own when it is loaded. */
  readonly registrations?: readonly StoredRegistration[];
}

/** Services that deployments use. */
export interface LibraryDeploysDeps extends LibrarySetDeps {
  readonly store: LibraryStore;
}

/** Deploys versions and goes back to them. */
export class LibraryDeploys {
  readonly #deps: LibraryDeploysDeps;
  readonly #set: LibrarySet;
  /** The runtimes that have the same libraries; null where this shard stands alone. */
  peers: LibraryPeers | null = null;

  constructor(deps: LibraryDeploysDeps, set: LibrarySet) {
    this.#deps = deps;
    this.#set = set;
  }

  /**
   * Deploys, all or nothing. @param check Called before it stores. @throws as `LibrariesApi.deploy`
   */
  async deploy(request: Deployment, check: () => Promise<void>): Promise<LibrarySummary> {
    const { name, replaceWith } = request;
    const replaced = [name, ...(replaceWith === undefined ? [] : [replaceWith])];
    this.#refuseUnwanted(request, replaced);
    const hash = await sha256(request.source + (request.recording ?? ""));
    const registrar = this.#registrarOf(request, replaced);
    const loaded = await loadVersion(name, { ...request, hash }, this.#deps, registrar);
    const stored = toStored(request, hash, loaded);
    const version = await this.#orKill(loaded, async () => {
      requireUse(name, stored);
      await this.#checkRegistrations(stored, replaced);
      const next = await this.#deps.store.nextVersion(name);
      return Math.max(next, (this.#set.get(name)?.versions.newest ?? 0) + 1);
    });
    const change = { name, version, stored, replaced: replaceWith };
    if (request.dryRun) return await this.#tryOut(change, loaded);
    return await this.#replace(change, loaded, async () => {
      await check();
      await this.#deps.store.addVersion(name, version, stored, replaceWith);
    });
  }

  /** Goes back to a version. @throws as `LibrariesApi.rollback` */
  async rollback(
    name: string,
    version: number | undefined,
    check: () => Promise<void>,
  ): Promise<LibrarySummary> {
    const library = this.#set.find(name);
    const number = version ?? library.versions.previous();
    const stored = library.versions.get(number);
    if (number === library.versions.current) return library.summary;
    const change = { name, version: number, stored };
    return await this.#replace(change, await this.load(change), async () => {
      await check();
      await this.#deps.store.setCurrent(name, number, stored);
    });
  }

  /** Loads a version that is to serve, and checks that its registrations can fire here. */
  async load({ name, stored, replaced }: LibraryChange): Promise<LoadedVersion> {
    const loaded = await loadVersion(name, stored, this.#deps);
    const names = replaced === undefined ? [name] : [name, replaced];
    await this.#orKill(loaded, () => this.#checkRegistrations(stored, names));
    return loaded;
  }

  /** Gives the id of a registration whose version is to take the place of others. */
  async idFor(plan: RegistrationPlan, replaced: readonly string[]): Promise<string> {
    return this.#set.idBefore(plan, replaced) ?? await this.#deps.registrations.newId();
  }

  #refuseUnwanted(request: Deployment, replaced: readonly string[]): void {
    const { kind, name, replaceWith, source } = request;
    const existing = this.#set.get(name);
    if (existing !== undefined && !request.upgrade) {
      throw toExists(request, existing.versions.current);
    }
    if (replaceWith !== undefined) this.#set.find(replaceWith);
    if (kind === "library") checkImports(source, `${name}.js`);
    for (const { id, plan } of request.registrations ?? []) {
      // It was given when the script was loaded: it must be the one of before still, or nobody's.
      const before = this.#set.idBefore(plan, replaced);
      const isOthers = before === undefined ? this.#set.isTaken(id) : before !== id;
      if (isOthers) throw toChangedMeanwhile(name);
    }
  }

  /** Gives ids to a library's registrations; in a dry run, ones that are not used up by it. */
  #registrarOf(request: Deployment, replaced: readonly string[]): Registrar | undefined {
    if (request.registrations !== undefined) return undefined;
    if (!request.dryRun) return (plan) => this.idFor(plan, replaced);
    return (plan, place) => this.#set.idBefore(plan, replaced) ?? `${LOCAL_SHARD_ID}-${place}`;
  }

  async #checkRegistrations(stored: StoredVersion, replaced: readonly string[]): Promise<void> {
    const redisUser = redisUserOf(stored.manifest, this.#deps.grantable);
    await this.#deps.registrations.check(stored.registrations, { replaced, redisUser });
  }

  /** Prepares a change everywhere, stores it, and lets the version serve. */
  async #replace(
    change: LibraryChange,
    loaded: LoadedVersion,
    store: () => Promise<void>,
  ): Promise<LibrarySummary> {
    const prepared = await this.#orKill(loaded, () => this.peers?.prepare(change));
    await this.#orKill(loaded, store, prepared);
    const [summary] = await Promise.all([
      this.#set.putInPlace(change, loaded),
      prepared?.complete(),
    ]);
    return summary;
  }

  /** Prepares a change everywhere and gives it up: the dry run of a deployment. */
  async #tryOut(change: LibraryChange, loaded: LoadedVersion): Promise<LibrarySummary> {
    const { name, version: current, stored } = change;
    const prepared = await this.#orKill(loaded, () => this.peers?.prepare(change));
    await prepared?.cancel();
    await loaded.session.kill(new PinionError("ISOLATE_DIED", "The dry run is over"));
    const versions = new Map([[current, stored]]);
    return new DeployedLibrary({ name, current, versions }, this.#deps).summary;
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
}

function toStored(request: Deployment, hash: string, loaded: LoadedVersion): StoredVersion {
  const { kind, manifest, recording, source, sourceMap } = request;
  return {
    kind,
    source,
    ...(sourceMap !== undefined && { sourceMap }),
    ...(recording !== undefined && { recording }),
    manifest,
    hash,
    deployedAt: new Date().toISOString(),
    exports: [...loaded.exports],
    registrations: [...request.registrations ?? loaded.registrations],
  };
}

/** Refuses a module that does nothing. @throws `BAD_ARGUMENT` */
function requireUse(name: string, { exports, registrations }: StoredVersion): void {
  if (exports.length > 0 || registrations.length > 0) return;
  throw new PinionError(
    "BAD_ARGUMENT",
    `Library ${name} exports nothing to invoke and registers nothing: export an async function, ` +
      "a GearsBuilder or a default { fetch }, or call register()",
  );
}

function toExists({ kind, name }: Deployment, current: number): PinionError {
  return new PinionError(
    "SESSION_EXISTS",
    kind === "script"
      ? `Session ${name} already exists`
      : `Library ${name} exists already (version ${current}); deploy it with --upgrade to replace it`,
  );
}

function toChangedMeanwhile(name: string): PinionError {
  return new PinionError(
    "LIBRARY_BUSY",
    `Cannot register ${name}: it was changed while the script was loaded; try again`,
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return new Uint8Array(digest).toHex();
}
