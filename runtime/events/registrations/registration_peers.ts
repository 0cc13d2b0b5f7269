/**
 * Has the other runtimes of a cluster do to their registrations what is done here. What is kept in
 * Redis decides: a runtime that is not linked now reads it when it is.
 *
 * @module
 */

import { z } from "zod";
import type { Mesh } from "../../../coordinator/mesh/mesh.ts";

const KIND = {
  states: "registrations.states",
  clear: "registrations.clear",
  replay: "registrations.replay",
} as const;
/** How long the others are waited for, in milliseconds. */
const TIMEOUT_MS = 10_000;

const StatesBody = z.strictObject({
  /** Registrations that are to go on, also where they had stopped by themselves. */
  resumed: z.array(z.string().max(128)).max(100_000),
});
const ClearBody = z.strictObject({});
const ReplayBody = z.strictObject({ id: z.string().max(128), fromId: z.string().max(64) });

/** What peers have this shard do. */
export interface RegistrationPeersHost {
  /** Does what is kept in Redis; lets `resumed` go on, also where they had stopped by themselves. */
  readStates(resumed: readonly string[]): Promise<void>;
  /** Clears the figures of this shard. */
  clearStatistics(): void;
  /** Has a registration take its events of this shard again from one on. */
  replay(id: string, fromId: string): Promise<void>;
}

/** See the module. */
export class RegistrationPeers implements Disposable {
  readonly #mesh: Mesh;
  readonly #stop: () => void;

  /** @param onError Told why what is kept could not be read. */
  constructor(mesh: Mesh, host: RegistrationPeersHost, onError: (error: unknown) => void) {
    this.#mesh = mesh;
    mesh.handle(KIND.states, StatesBody, (_from, { resumed }) => host.readStates(resumed));
    mesh.handle(KIND.clear, ClearBody, () => host.clearStatistics());
    mesh.handle(KIND.replay, ReplayBody, (_from, { id, fromId }) => host.replay(id, fromId));
    this.#stop = mesh.onPeerLinked((peer) => {
      void host.readStates([]).catch(onError);
      // It may have seen the link, and read what is kept, before something was changed here.
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      mesh.request(peer, KIND.states, { resumed: [] }, signal).catch(() => {});
    });
  }

  /** Has them read what is kept. */
  readStates(resumed: readonly string[]): Promise<void> {
    return this.#tell(KIND.states, { resumed });
  }

  /** Has them clear their figures. */
  clearStatistics(): Promise<void> {
    return this.#tell(KIND.clear, {});
  }

  /** Has them take a registration's events again from one on. @throws what one of them says */
  async replay(id: string, fromId: string): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    await Promise.all(
      this.#mesh.peers.map((peer) => this.#mesh.request(peer, KIND.replay, { id, fromId }, signal)),
    );
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  async #tell(kind: string, body: unknown): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    await Promise.allSettled(
      this.#mesh.peers.map((peer) => this.#mesh.request(peer, kind, body, signal)),
    );
  }
}
