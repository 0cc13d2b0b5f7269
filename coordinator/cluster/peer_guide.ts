/**
 * Guides the mesh: tells it which runtimes act for the other shards, and asks those for their
 * links.
 *
 * @module
 */

import { z } from "zod";
import type { OwnRuntime } from "../coordinator.ts";
import type { GuidedMesh, PeerAddress, PeerStats } from "../mesh/mesh.ts";
import type { HomeShard } from "./home_shard.ts";
import { actingRuntime, type Membership } from "./membership.ts";

/** Time that other runtimes may take to tell of their links. */
const STATUS_MS = 1_000;
/** Kind of the mesh request that asks for them. */
const LINKS = "coordinator.links";

/** Parts that say whom to link with. */
export interface PeerGuideDeps {
  readonly home: HomeShard;
  readonly membership: Membership;
  readonly runtime: OwnRuntime;
}

/** Keeps the mesh linked with the acting runtimes of the other shards. */
export class PeerGuide {
  readonly #deps: PeerGuideDeps;
  #mesh: GuidedMesh | null = null;

  constructor(deps: PeerGuideDeps) {
    this.#deps = deps;
  }

  /** The mesh that it guides; null before {@linkcode use}. */
  get mesh(): GuidedMesh | null {
    return this.#mesh;
  }

  /** Guides this mesh from now on, and answers the others' questions over it. */
  use(mesh: GuidedMesh): void {
    this.#mesh = mesh;
    mesh.handle(LINKS, z.null(), () => mesh.stats());
  }

  /** Says anew whom to link with. Only who acts is linked: one that stands by has no peers. */
  guide(): void {
    const { home, runtime } = this.#deps;
    const peers = runtime.epoch === null ? new Map<string, PeerAddress>() : this.#actingPeers();
    this.#mesh?.setShard(home.meshId);
    this.#mesh?.setPeers(peers);
  }

  /** Ids of the other shards whose acting runtime is not linked. */
  unlinked(): string[] {
    const linked = new Set(this.#mesh?.peers);
    return this.#deps.home.otherIds().filter((id) => !linked.has(id));
  }

  /** Traffic with each peer. */
  stats(): readonly PeerStats[] {
    return this.#mesh?.stats() ?? [];
  }

  /** Links of a shard's acting runtime; null where it did not answer in time. Never rejects. */
  async linksOf(shardId: string): Promise<readonly PeerStats[] | null> {
    const mesh = this.#mesh;
    const { home, runtime } = this.#deps;
    if (mesh === null) return null;
    if (shardId === home.shardId) return runtime.epoch === null ? null : mesh.stats();
    if (!mesh.peers.includes(shardId)) return null;
    const reply = mesh.request(shardId, LINKS, null, AbortSignal.timeout(STATUS_MS));
    return await reply.catch(() => null) as readonly PeerStats[] | null;
  }

  #actingPeers(): Map<string, PeerAddress> {
    const peers = new Map<string, PeerAddress>();
    for (const id of this.#deps.home.otherIds()) {
      const record = this.#deps.membership.get(id);
      const url = record.lease === null ? null : actingRuntime(record)?.mesh;
      if (record.lease !== null && url) peers.set(id, { url, epoch: record.lease.epoch });
    }
    return peers;
  }
}
