/**
 * Deploys over all shards: every runtime loads the new version, then all of them switch to it. What
 * is stored in Redis decides: a runtime that missed the switch reads it when it is linked again.
 *
 * ```text
 *   deploying runtime                        every other runtime
 *   lease of the library's name
 *   loads the version
 *   prepare ───────────────────────────────► loads it, too, and keeps it aside
 *   stores it as the current one             (until here, any failure leaves everything as it was)
 *   switch ────────────────────────────────► lets it serve
 * ```
 *
 * @module
 */

import { z } from "zod";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type { EndOptions } from "../events/source/registration_port.ts";
import { LibraryName } from "../../contract/api/library_info.ts";
import { StoredVersion } from "./store/library_store.ts";
import type { LoadedVersion } from "./load_version.ts";

const KIND = {
  prepare: "library.prepare",
  switch: "library.switch",
  sync: "library.sync",
} as const;
/** Time for which a version that was prepared waits for its switch, in milliseconds. */
const PENDING_MS = 60_000;

const PrepareBody = z.strictObject({
  deployId: z.uuid(),
  name: LibraryName,
  version: z.int().min(1),
  stored: StoredVersion,
  /** A library whose place it takes. */
  replaced: LibraryName.optional(),
});
/** A version that is to serve. */
export type LibraryChange = Omit<z.infer<typeof PrepareBody>, "deployId">;

const SwitchBody = z.strictObject({ deployId: z.uuid(), isWanted: z.boolean() });
const SyncBody = z.strictObject({
  /** Null for all libraries. */
  name: LibraryName.nullable(),
  /** Of what is gone: do not run what has not begun. */
  abortPending: z.boolean(),
});

/** Actions that peers ask of this shard. */
export interface LibraryPort {
  /** Loads a version without letting it serve. */
  load(change: LibraryChange): Promise<LoadedVersion>;
  /** Lets a loaded version serve; resolves when its registrations take events. */
  switchTo(change: LibraryChange, loaded: LoadedVersion): Promise<void>;
  /** Takes over what is stored of a library, or of all. */
  sync(name?: string, options?: EndOptions): Promise<void>;
}

/** A change that every linked runtime is prepared for. */
export interface PreparedChange {
  /** Has them switch; who cannot be told reads what is stored. */
  complete(): Promise<void>;
  /** Has them forget it. */
  cancel(): Promise<void>;
}

interface Pending {
  readonly from: string;
  readonly change: LibraryChange;
  readonly loaded: LoadedVersion;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Sends deployments to the other runtimes, and takes theirs. */
export class LibraryPeers implements Disposable {
  readonly #mesh: Mesh;
  readonly #host: LibraryPort;
  readonly #onError: (error: unknown) => void;
  readonly #pending = new Map<string, Pending>();
  readonly #stops: (() => void)[];

  /** @param onError Told why what is stored could not be read. */
  constructor(mesh: Mesh, host: LibraryPort, onError: (error: unknown) => void) {
    this.#mesh = mesh;
    this.#host = host;
    this.#onError = onError;
    mesh.handle(KIND.prepare, PrepareBody, (from, body) => this.#prepare(from, body));
    mesh.handle(KIND.switch, SwitchBody, (_from, body) => this.#switch(body));
    mesh.handle(
      KIND.sync,
      SyncBody,
      (_from, { name, abortPending }) => host.sync(name ?? undefined, { abortPending }),
    );
    this.#stops = [
      mesh.onPeerLinked((peer) => {
        void host.sync().catch(onError);
        // It may have seen the link, and read what is stored, before something was changed here.
        void this.#tellToSync([peer], null, { abortPending: true });
      }),
      mesh.onPeerLost((shardId) => {
        for (const [deployId, { from }] of this.#pending) {
          if (from === shardId) this.#drop(deployId);
        }
      }),
    ];
  }

  /**
   * Has every runtime that is linked now load a version. A runtime that is not takes it over later.
   *
   * @throws what one of them failed with, and the shard's name; all have forgotten it then
   */
  async prepare(change: LibraryChange): Promise<PreparedChange> {
    const deployId = crypto.randomUUID();
    const peers = [...this.#mesh.peers];
    const tell = async (isWanted: boolean) => {
      const signal = AbortSignal.timeout(PENDING_MS);
      await Promise.allSettled(
        peers.map((peer) => this.#mesh.request(peer, KIND.switch, { deployId, isWanted }, signal)),
      );
    };
    const signal = AbortSignal.timeout(PENDING_MS);
    const outcomes = await Promise.allSettled(
      peers.map((peer) => this.#mesh.request(peer, KIND.prepare, { deployId, ...change }, signal)),
    );
    const failed = outcomes.findIndex(({ status }) => status === "rejected");
    if (failed < 0) {
      const complete = async () => {
        const others = this.#mesh.peers.filter((peer) => !peers.includes(peer));
        const synced = this.#tellToSync(others, null, { abortPending: true });
        await Promise.all([tell(true), synced]);
      };
      return { complete, cancel: () => tell(false) };
    }
    await tell(false);
    const { reason } = outcomes[failed] as PromiseRejectedResult;
    throw refusedBy(peers[failed], reason, signal);
  }

  /** Has every runtime that is linked read what is stored of a library. */
  sync(name: string, options: EndOptions): Promise<void> {
    return this.#tellToSync(this.#mesh.peers, name, options);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  async #tellToSync(
    peers: readonly string[],
    name: string | null,
    { abortPending }: EndOptions,
  ): Promise<void> {
    const signal = AbortSignal.timeout(PENDING_MS);
    await Promise.allSettled(
      peers.map((peer) => this.#mesh.request(peer, KIND.sync, { name, abortPending }, signal)),
    );
  }

  async #prepare(
    from: string,
    { deployId, ...change }: z.infer<typeof PrepareBody>,
  ): Promise<void> {
    const loaded = await this.#host.load(change);
    const timer = setTimeout(() => this.#drop(deployId), PENDING_MS);
    this.#pending.set(deployId, { from, change, loaded, timer });
    if (!this.#mesh.peers.includes(from)) this.#drop(deployId);
  }

  async #switch({ deployId, isWanted }: z.infer<typeof SwitchBody>): Promise<void> {
    const pending = this.#pending.get(deployId);
    if (pending === undefined) {
      // It was dropped when its sender did not seem to be linked.
      if (isWanted) await this.#host.sync();
      return;
    }
    if (!isWanted) return await this.#forget(deployId);
    clearTimeout(pending.timer);
    this.#pending.delete(deployId);
    if (pending.loaded.session.isAlive) await this.#host.switchTo(pending.change, pending.loaded);
    else await this.#sync(pending.change);
  }

  /** Nobody says whether a version is wanted: what is stored does. */
  #drop(deployId: string): void {
    const change = this.#pending.get(deployId)?.change;
    void this.#forget(deployId);
    if (change !== undefined) this.#sync(change).catch(this.#onError);
  }

  /** Does what is stored: first the library, since one that is replaced hands over to it. */
  async #sync({ name, replaced }: LibraryChange): Promise<void> {
    await this.#host.sync(name);
    if (replaced !== undefined) await this.#host.sync(replaced);
  }

  async #forget(deployId: string): Promise<void> {
    const pending = this.#pending.get(deployId);
    this.#pending.delete(deployId);
    clearTimeout(pending?.timer);
    await pending?.loaded.session.kill(new PinionError("ISOLATE_DIED", "The deploy failed"));
  }
}

function refusedBy(shardId: string, reason: unknown, signal: AbortSignal): PinionError {
  if (signal.aborted) {
    return new PinionError(
      "SHARD_LOST",
      `Nothing was deployed: shard ${shardId} did not load the library within ${PENDING_MS} ms`,
    );
  }
  const { code, message, location, authorStack } = PinionError.from(reason);
  return new PinionError(code, `Nothing was deployed: shard ${shardId}: ${message}`, {
    location,
    authorStack,
  });
}
