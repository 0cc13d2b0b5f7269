/**
 * A deployed library on this shard: its versions, and the session that serves the current one.
 *
 * The session is opened when it is first needed and opened anew when its isolate has died.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { RedisUser } from "../../redis/redis_url.ts";
import type { Session } from "../session/session.ts";
import type { ServedVersion } from "../events/source/registration_port.ts";
import type { ServingLibrary } from "../events/source/serving.ts";
import { LibraryVersions } from "./store/library_versions.ts";
import { redisUserOf } from "./grants.ts";
import type { LibraryInfo, LibrarySummary } from "../../contract/api/library_info.ts";
import { type LibraryDeps, type LoadedVersion, loadVersion } from "./load_version.ts";
import type { StoredLibrary, StoredVersion } from "./store/library_store.ts";
import { RestartPolicy } from "./restart_policy.ts";

/** Time between two looks at a session that is to end. */
const DRAIN_POLL_MS = 20;

/** One deployed library with its versions and its session. */
export class DeployedLibrary implements ServingLibrary {
  readonly name: string;
  readonly versions: LibraryVersions;
  readonly #deps: LibraryDeps;
  #loaded: LoadedVersion | null = null;
  #loading: Promise<LoadedVersion> | null = null;
  #lastError: string | null = null;
  /** Reason why it does not serve any more. */
  #stopped: PinionError | null = null;
  readonly #restarts = new RestartPolicy();
  invocations = 0;
  failures = 0;

  constructor(
    library: {
      readonly name: string;
      readonly current: number;
      readonly versions: ReadonlyMap<number, StoredVersion>;
    },
    deps: LibraryDeps,
    loaded?: LoadedVersion,
  ) {
    this.name = library.name;
    this.versions = new LibraryVersions(library);
    this.#deps = deps;
    if (loaded) this.#serve(loaded);
  }

  get summary(): LibrarySummary {
    const version = this.versions.serving;
    const { description } = version.manifest;
    return {
      name: this.name,
      version: this.versions.current,
      hash: version.hash,
      ...(description !== undefined && { description }),
      exports: version.exports,
      deployedAt: version.deployedAt,
      state: this.#restarts.state ?? this.#lastError ?? "ready",
      invocations: this.invocations,
      failures: this.failures,
    };
  }

  get info(): LibraryInfo {
    const { env, ...manifest } = this.versions.serving.manifest;
    return {
      ...this.summary,
      manifest: { ...manifest, env: Object.keys(env) },
      versions: this.versions.list().map(([version, stored]) => ({
        version,
        hash: stored.hash,
        deployedAt: stored.deployedAt,
        bytes: new TextEncoder().encode(stored.source).byteLength,
        current: version === this.versions.current,
      })),
    };
  }

  /** Redis user of the version that serves; undefined: the runtime's own. */
  get redisUser(): RedisUser | undefined {
    return redisUserOf(this.versions.serving.manifest, this.#deps.grantable);
  }

  /** The version that serves, as registrations see it. */
  get served(): ServedVersion {
    const { deployedAt, registrations } = this.versions.serving;
    return { mark: `${this.versions.current} ${deployedAt}`, registrations };
  }

  /** The session that serves, if it is there already; the way of nearly every invocation. */
  get live(): LoadedVersion | null {
    return this.#loaded?.session.isAlive ? this.#loaded : null;
  }

  /** The session that serves, opened if need be. */
  load(): Promise<LoadedVersion> {
    if (this.live !== null) return Promise.resolve(this.live);
    return this.#loading ??= this.#open().finally(() => this.#loading = null);
  }

  /** Lets a loaded version serve from now on; the one before ends when it has nothing to do. */
  switchTo(number: number, version: StoredVersion, loaded: LoadedVersion): void {
    const before = this.#loaded;
    this.versions.switchTo(number, version);
    this.#lastError = null;
    this.#restarts.reset();
    this.#serve(loaded);
    if (before !== null) void drain(before.session, this.#deps.limits.executionTimeoutMs);
  }

  /** Takes over what another shard has stored; a session of another version ends. */
  follow(stored: Pick<StoredLibrary, "current" | "versions">): void {
    if (!this.versions.follow(stored)) return;
    this.#lastError = null;
    this.#restarts.reset();
    void this.retire();
  }

  /** Lifts a quarantine by hand. */
  resume(): void {
    this.#restarts.reset();
  }

  /** Ends the session when it has nothing to do: another version or library has taken its place. */
  async retire(): Promise<void> {
    await this.#loading?.catch(() => {});
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded !== null) await drain(loaded.session, this.#deps.limits.executionTimeoutMs);
  }

  /** Ends the session at once. */
  async stop(): Promise<void> {
    const reason = new PinionError("NO_LIBRARY", `Library ${this.name} was undeployed`);
    this.#stopped = reason;
    await this.#loading?.catch(() => {});
    await this.#loaded?.session.kill(reason);
  }

  /** Lets a loaded session serve, and watches over it. */
  #serve(loaded: LoadedVersion): void {
    const { session } = loaded;
    this.#loaded = loaded;
    this.#restarts.started(Date.now());
    session.onExhausted = () => {
      if (this.#loaded === loaded) this.#loaded = null;
      void drain(session, this.#deps.limits.executionTimeoutMs);
    };
    void session.ended.then((reason) => {
      if (this.#loaded !== loaded) return;
      this.#loaded = null;
      if (reason.kind.fault === "author") this.#restarts.died(reason, Date.now());
    });
  }

  async #open(): Promise<LoadedVersion> {
    if (this.#stopped !== null) throw this.#stopped;
    this.#restarts.check(this.name, Date.now());
    const { versions: { serving: version }, served: { mark } } = this;
    try {
      const loaded = await loadVersion(this.name, version, this.#deps);
      if (this.served.mark !== mark) {
        // Another version serves since: this one was for nobody.
        await loaded.session.kill(new PinionError("ISOLATE_DIED", "The library was upgraded"));
        return this.live ?? await this.#open();
      }
      this.#lastError = null;
      this.#serve(loaded);
      return loaded;
    } catch (error) {
      this.#lastError = PinionError.from(error).message;
      throw error;
    }
  }
}

/** Ends a session when nothing runs in it any more, at the latest after `timeoutMs`. */
async function drain(session: Session, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  session.retire();
  // Looks late rather than early: who has just been given the session has not called it yet.
  do {
    const timer = Promise.withResolvers<void>();
    const id = setTimeout(timer.resolve, DRAIN_POLL_MS);
    await Promise.race([timer.promise, session.ended]);
    clearTimeout(id);
  } while (session.isAlive && session.activity > 0 && Date.now() < deadline);
  await session.kill(new PinionError("ISOLATE_DIED", "The library was upgraded"));
}
