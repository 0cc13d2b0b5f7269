/**
 * Has the other runtimes of a cluster do to their registrations what is done here. What is kept in
 * Redis decides: a runtime that is not linked now reads it when it is.
 *
 * @module
 */

import { z } from "zod";
import type { Mesh } from "../../coordinator/mesh/mesh.ts";

const KIND = { states: "registrations.states", clear: "registrations.clear" } as const;
/** How long the others are waited for, in milliseconds. */
const TIMEOUT_MS = 10_000;

const StatesBody = z.strictObject({
  /** Registrations that are to go on, also where they had stopped by themselves. */
  resumed: z.array(z.string().max(128)).max(100_000),
});
const ClearBody = z.strictObject({});

/** What peers have this shard do. */
export interface RegistrationPeersHost {
  /** Does what is kept in Redis; lets `resumed` go on, also where they had stopped by themselves. */
  readStates(resumed: readonly string[]): Promise<void>;
  /** Clears the figures of this shard. */
  clearStatistics(): void;
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
    this.#stop = mesh.onPeerLinked(() => void host.readStates([]).catch(onError));
  }

  /** Has them read what is kept. */
  readStates(resumed: readonly string[]): Promise<void> {
    return this.#tell(KIND.states, { resumed });
  }

  /** Has them clear their figures. */
  clearStatistics(): Promise<void> {
    return this.#tell(KIND.clear, {});
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
