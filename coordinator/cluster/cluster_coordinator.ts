/**
 * The coordinator of a shard of a cluster: follows the topology, holds or awaits the shard's lease,
 * and tells the mesh which runtimes act for the other shards.
 *
 * ```text
 *  Heartbeat ──── own record ────► Membership ◄──── others' records ──── TopologySurvey
 *      │ epoch                         │                                       │
 *      └──────────► PeerGuide ◄────────┴──── HomeShard ◄──── TopologyWatch ◄───┘
 *                       └─► mesh
 * ```
 *
 * Heartbeat and survey go on about twice a second each, and neither waits for the other: the
 * heartbeat needs nothing but the own shard's Redis.
 *
 * @module
 */

import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ClusterSurvey, Coordinator, OwnRuntime, Shard } from "../coordinator.ts";
import type { GuidedMesh } from "../mesh/mesh.ts";
import { ChangeListeners } from "./change_listeners.ts";
import { BEAT_MS, Heartbeat, type RuntimeAddresses } from "./heartbeat.ts";
import { HomeShard } from "./home_shard.ts";
import { Membership } from "./membership.ts";
import { NodeClients } from "./node_clients.ts";
import { PeerGuide } from "./peer_guide.ts";
import { Repeater } from "./pulse.ts";
import { TopologySurvey } from "./topology_survey.ts";
import { TopologyWatch } from "./topology_watch.ts";
import { untilLinked } from "./until_linked.ts";

/** Parts of a coordinator. */
export interface ClusterOptions {
  /** A node of the shard: its master or a replica. */
  readonly seed: RedisAddress;
  /** Told what an operator should know. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** Coordinates a shard of a cluster: topology, lease and mesh. */
export class ClusterCoordinator implements Coordinator {
  readonly home: HomeShard;
  readonly #clients: NodeClients;
  readonly #watch: TopologyWatch;
  readonly #heartbeat: Heartbeat;
  readonly #survey: TopologySurvey;
  readonly #peers: PeerGuide;
  readonly #listeners = new ChangeListeners();
  readonly #beats: Repeater;
  readonly #looks: Repeater;

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
    const clients = this.#clients = new NodeClients(seed);
    const watch = this.#watch = new TopologyWatch(seed, clients);
    const home = this.home = new HomeShard(watch);
    const membership = new Membership(clients);
    const onMisplaced = () => this.#looks.wake();
    const runtime = this.#heartbeat = new Heartbeat({
      clients,
      home,
      membership,
      log,
      onMisplaced,
    });
    const peers = this.#peers = new PeerGuide({ home, membership, runtime });
    this.#survey = new TopologySurvey({
      ...{ watch, home, membership, runtime, peers },
      onFailure: (error) => runtime.report(error),
      onSurveyed: () => this.#publish(),
    });
    this.#beats = new Repeater(() => this.#beat(), () => runtime.pauseMs);
    this.#looks = new Repeater(() => this.#survey.look(), () => BEAT_MS);
    watch.onChange = () => this.#beats.wake();
  }

  /** Gives it the mesh that it guides. Before `join`. */
  use(mesh: GuidedMesh): void {
    this.#peers.use(mesh);
    mesh.onPeerLinked(() => this.#tell());
    mesh.onPeerLost(() => {
      this.#looks.wake();
      this.#tell();
    });
  }

  /**
   * Takes part from now on: says where it is reached, takes the lease if it is free. Resolves after
   * the first heartbeat and survey, whatever came of them.
   */
  async join(addresses: RuntimeAddresses): Promise<void> {
    this.#heartbeat.announce(addresses);
    await this.#beats.start();
    await this.#looks.start();
  }

  get shardId(): string {
    return this.home.shardId;
  }

  get isClustered(): boolean {
    return this.home.isClustered;
  }

  get runtime(): OwnRuntime {
    return this.#heartbeat;
  }

  get survey(): ClusterSurvey {
    return this.#survey;
  }

  get mesh(): GuidedMesh | null {
    return this.#peers.mesh;
  }

  shards(): readonly Shard[] {
    return this.#survey.shards();
  }

  ownerOf(key: string | Uint8Array): string {
    return this.home.ownerOf(key);
  }

  hashtag(): string {
    return this.home.hashtag();
  }

  onChange(callback: () => void): () => void {
    return this.#listeners.add(callback);
  }

  async untilLinked(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const unlinked = () => this.#peers.unlinked();
    if (unlinked().length === 0) return;
    this.#looks.wake();
    const onChange = (callback: () => void) => this.onChange(callback);
    await untilLinked({ unlinked, onChange }, timeoutMs, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#beats[Symbol.asyncDispose](), this.#looks[Symbol.asyncDispose]()]);
    await this.#heartbeat.leave();
    this.#clients[Symbol.dispose]();
  }

  async #beat(): Promise<void> {
    await this.#heartbeat.beat();
    this.#publish();
  }

  /** Tells the mesh and the listeners what is known now. */
  #publish(): void {
    this.#peers.guide();
    this.#tell();
  }

  #tell(): void {
    const { role, epoch } = this.runtime;
    const shards = this.shards().map(({ pendingMessages: _pending, ...shard }) => shard);
    this.#listeners.tell([role, epoch, this.mesh?.peers, shards]);
  }
}
