/**
 * The coordinator of a shard of a cluster: follows the topology, holds or awaits the shard's lease,
 * and tells the mesh which runtimes act for the other shards.
 *
 * Two things go on about twice a second each, and neither waits for the other: the heartbeat, which
 * needs nothing but the own shard's Redis, and the survey of topology and members.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { keySlot, slotTag } from "../../redis/slots.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespError } from "../../redis/resp_decoder.ts";
import type { Coordinator, Role, Shard, ShardStatus } from "../coordinator.ts";
import { LOCAL_SHARD_ID } from "../../contract/text/local_shard_id.ts";
import { randomId } from "../../contract/text/random_id.ts";
import type { GuidedMesh, PeerAddress, PeerStats } from "../mesh/mesh.ts";
import { Lease, standsBy } from "./lease.ts";
import { actingRuntime, Membership } from "./membership.ts";
import { NodeClients } from "./node_clients.ts";
import { Pulse } from "./pulse.ts";
import type { RuntimeEntry, ShardRecord } from "./shard_record.ts";
import { toRuntimes } from "./shard_status.ts";
import type { ShardTopology } from "./topology.ts";
import { TopologyWatch } from "./topology_watch.ts";

/** Time between two heartbeats, and between two surveys, in milliseconds. */
export const BEAT_MS = 500;
/** How long other runtimes may take to tell of their links. */
const STATUS_MS = 1_000;
/** Kind of the mesh request that asks for them. */
const LINKS = "coordinator.links";

/** What a coordinator is made of. */
export interface ClusterOptions {
  /** A node of the shard: its master or a replica. */
  readonly seed: RedisAddress;
  /** Told what an operator should know. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** Where a runtime is reached. */
export type RuntimeAddresses = Pick<RuntimeEntry, "mesh" | "resp" | "http">;

/** See the module. */
export class ClusterCoordinator implements Coordinator {
  readonly runId = randomId();
  readonly #log: ClusterOptions["log"];
  readonly #clients: NodeClients;
  readonly #watch: TopologyWatch;
  readonly #lease: Lease;
  readonly #membership: Membership;
  readonly #listeners = new Set<() => void>();
  readonly #heart: Pulse;
  readonly #survey: Pulse;
  #mesh: GuidedMesh | null = null;
  #addresses: RuntimeAddresses = { mesh: null, resp: null, http: null };
  #isFailing = false;
  /** What listeners were last told of. */
  #told = "";

  /** Reads the topology; does not take part before `join`. @throws `REDIS_UNAVAILABLE` */
  static async connect(options: ClusterOptions): Promise<ClusterCoordinator> {
    const coordinator = new ClusterCoordinator(options);
    try {
      await coordinator.#watch.start();
      return coordinator;
    } catch (error) {
      coordinator.#clients[Symbol.dispose]();
      throw error;
    }
  }

  private constructor({ seed, log }: ClusterOptions) {
    this.#log = log;
    this.#clients = new NodeClients(seed);
    this.#watch = new TopologyWatch(seed, this.#clients);
    this.#lease = new Lease(this.runId, this.#clients);
    this.#membership = new Membership(this.#clients);
    this.#heart = new Pulse(() => this.#beat(), () => this.#untilBeat());
    this.#survey = new Pulse(() => this.#look(), () => BEAT_MS);
    this.#watch.onChange = () => this.#heart.wake();
  }

  /** Gives it the mesh that it guides. Before `join`. */
  use(mesh: GuidedMesh): void {
    this.#mesh = mesh;
    mesh.handle(LINKS, z.null(), () => mesh.stats());
    mesh.onPeerLinked(() => this.#tell());
    mesh.onPeerLost(() => {
      this.#survey.wake();
      this.#tell();
    });
  }

  /**
   * Takes part from now on: says where it is reached, takes the lease if it is free. Resolves after
   * the first heartbeat and survey, whatever came of them.
   */
  async join(addresses: RuntimeAddresses): Promise<void> {
    this.#addresses = addresses;
    await this.#heart.start();
    await this.#survey.start();
  }

  get shardId(): string {
    return this.isClustered ? this.meshId : LOCAL_SHARD_ID;
  }

  /** Id of this shard among the runtimes, also where it is the only one. */
  get meshId(): string {
    return this.#watch.home?.id ?? this.#watch.seedId;
  }

  /** Where the shard's master is now; undefined while it has no slots. */
  get master(): { readonly host: string; readonly port: number } | undefined {
    return this.#watch.home?.master;
  }

  /** Host of the node that the runtime was started beside, as the cluster knows it. */
  get ownHost(): string {
    const { topology, seedId, home } = this.#watch;
    const own = topology.nodes().find(({ id }) => id === seedId) ?? home?.master;
    return own?.host ?? "127.0.0.1";
  }

  get isClustered(): boolean {
    return this.#watch.topology.shards.length > 1;
  }

  /** Whether the cluster has one node only, as far as is known. */
  get isAlone(): boolean {
    return this.#watch.topology.nodes().length < 2;
  }

  get role(): Role {
    return this.epoch === null ? "standby" : "acting";
  }

  get epoch(): number | null {
    return this.#lease.epoch;
  }

  get mesh(): GuidedMesh | null {
    return this.#mesh;
  }

  shards(): readonly Shard[] {
    const stats = new Map(this.#mesh?.stats().map((peer) => [peer.shardId, peer]));
    return this.#watch.topology.shards.map((shard) => this.#toShard(shard, stats.get(shard.id)));
  }

  ownerOf(key: string | Uint8Array): string {
    const slot = keySlot(key);
    const owner = this.#watch.topology.ownerOf(slot);
    if (owner !== undefined) return this.isClustered ? owner.id : LOCAL_SHARD_ID;
    throw new PinionError("SHARD_LOST", `No shard of the cluster owns the slot ${slot}`);
  }

  hashtag(): string {
    return slotTag(this.#watch.home?.ranges[0].first ?? 0);
  }

  requireActing(): void {
    if (this.epoch !== null) return;
    const { home, seedId } = this.#watch;
    if (home === null) {
      throw new PinionError(
        "STANDBY",
        `The node ${seedId} of this runtime has no slots to act for`,
      );
    }
    const record = this.#membership.get(home.id);
    const holder = record.lease?.holder === this.runId ? undefined : actingRuntime(record);
    throw standsBy(home.id, holder);
  }

  async refresh(): Promise<void> {
    await this.#watch.refresh();
    await this.#look();
  }

  onChange(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  async untilLinked(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#unlinked().length === 0) return;
    this.#survey.wake();
    const linked = Promise.withResolvers<void>();
    const stop = this.onChange(() => {
      if (this.#unlinked().length === 0) linked.resolve();
    });
    const giveUp = () => linked.reject(signal?.reason);
    const timer = setTimeout(() => linked.reject(notLinked(this.#unlinked())), timeoutMs);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      signal?.throwIfAborted();
      await linked.promise;
    } finally {
      stop();
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async status(): Promise<readonly ShardStatus[]> {
    const { topology } = this.#watch;
    await this.#membership.refresh(topology.shards, undefined);
    return await Promise.all(
      this.shards().map(async (shard): Promise<ShardStatus> => ({
        ...shard,
        runtimes: toRuntimes(this.#membership.get(shard.id)),
        links: await this.#linksOf(shard.id),
      })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#heart[Symbol.asyncDispose](), this.#survey[Symbol.asyncDispose]()]);
    const { home } = this.#watch;
    if (home !== null) {
      // A shard that is down has no lease to give back: it runs out.
      await this.#lease.leave(home, this.#otherIds(), this.#entry()).catch(() => {});
    }
    this.#clients[Symbol.dispose]();
  }

  /** The next heartbeat comes sooner where a lease is about to run out: somebody else's, or its own. */
  #untilBeat(): number {
    if (this.#lease.isLate) return 0;
    const remainingMs = this.#lease.othersRemainingMs;
    return remainingMs > 0 ? Math.min(BEAT_MS, remainingMs + 1) : BEAT_MS;
  }

  /** One heartbeat. Failures are told once and tried again at the next. */
  async #beat(): Promise<void> {
    const { home } = this.#watch;
    try {
      if (home !== null) {
        const record = await this.#lease.beat(home, this.#otherIds(), this.#entry());
        this.#membership.note(home.id, record);
      }
      if (this.#isFailing) this.#log(`The shard ${this.meshId} is there again`);
      this.#isFailing = false;
    } catch (error) {
      // Its slot is elsewhere, or the master is none any more: the next survey knows.
      if (error instanceof RespError && /^(MOVED|READONLY)/.test(error.code)) this.#survey.wake();
      else this.#report(error);
    }
    this.#guideMesh();
    this.#tell();
  }

  /** One survey: the topology, then who is there. */
  async #look(): Promise<void> {
    await this.#watch.refresh().catch((error) => this.#report(error));
    const { topology, home } = this.#watch;
    await this.#membership.refresh(topology.shards, home?.id);
    this.#guideMesh();
    this.#tell();
  }

  #report(error: unknown): void {
    if (!this.#isFailing) {
      this.#log("The lease of the shard cannot be renewed; the runtime goes on trying", error);
    }
    this.#isFailing = true;
  }

  /** Only who acts is linked: one that stands by has no peers. */
  #guideMesh(): void {
    const peers = new Map<string, PeerAddress>();
    if (this.epoch !== null) {
      for (const id of this.#otherIds()) {
        const { lease, runtimes } = this.#membership.get(id);
        const mesh = lease === null ? null : actingRuntime({ lease, runtimes })?.mesh;
        if (lease !== null && mesh) peers.set(id, { url: mesh, epoch: lease.epoch });
      }
    }
    this.#mesh?.setShard(this.meshId);
    this.#mesh?.setPeers(peers);
  }

  #otherIds(): string[] {
    const { topology, home } = this.#watch;
    return topology.shards.map(({ id }) => id).filter((id) => id !== home?.id);
  }

  #unlinked(): string[] {
    const linked = new Set(this.#mesh?.peers);
    return this.#otherIds().filter((id) => !linked.has(id));
  }

  #entry(): RuntimeEntry {
    return { shardId: this.meshId, ...this.#addresses, pid: Deno.pid };
  }

  #toShard(shard: ShardTopology, peer: PeerStats | undefined): Shard {
    const { id, master, ranges, replicas } = shard;
    const isOwn = shard.id === this.#watch.home?.id;
    const [{ first, last }] = ranges;
    return {
      id: this.isClustered ? id : LOCAL_SHARD_ID,
      host: master.host,
      port: master.port,
      runId: isOwn && this.epoch !== null ? this.runId : this.#holderOf(this.#membership.get(id)),
      minSlot: first,
      maxSlot: last,
      pendingMessages: peer?.unacknowledged ?? 0,
      ranges,
      replicas: replicas.map(({ host, port }) => ({ host, port })),
    };
  }

  #holderOf({ lease }: ShardRecord): string | null {
    return lease !== null && lease.remainingMs > 0 ? lease.holder : null;
  }

  async #linksOf(shardId: string): Promise<readonly PeerStats[] | null> {
    const mesh = this.#mesh;
    if (mesh === null) return null;
    if (shardId === this.shardId) return this.epoch === null ? null : mesh.stats();
    if (!mesh.peers.includes(shardId)) return null;
    const reply = mesh.request(shardId, LINKS, null, AbortSignal.timeout(STATUS_MS));
    return await reply.catch(() => null) as readonly PeerStats[] | null;
  }

  /** Tells listeners if anything is new. */
  #tell(): void {
    const state = JSON.stringify([
      this.role,
      this.epoch,
      this.#mesh?.peers,
      this.shards().map(({ pendingMessages: _pending, ...shard }) => shard),
    ]);
    if (state === this.#told) return;
    this.#told = state;
    for (const listener of this.#listeners) listener();
  }
}

function notLinked(shardIds: readonly string[]): PinionError {
  const names = shardIds.length === 1 ? `shard ${shardIds[0]}` : `shards ${shardIds.join(", ")}`;
  return new PinionError(
    "SHARD_LOST",
    `No runtime of the ${names} could be reached; start one beside its Redis, or look at ` +
      "`pinion cluster`",
  );
}
