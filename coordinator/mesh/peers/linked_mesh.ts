/**
 * The mesh over whatever carries links: the peers by shard, their handlers, and the clock that
 * finds silent ones.
 *
 * @module
 */

import type { z } from "zod";
import { PinionError } from "../../../errors.ts";
import { greetDialler, type Self } from "../hello/greet.ts";
import {
  type Hello,
  type LinkPosition,
  MAX_GREETING_BYTES,
  refuse,
  type Welcome,
} from "../hello/hello_messages.ts";
import type { MeshLimits, MeshTimings } from "../mesh_limits.ts";
import { FrameLink, type PeerLink } from "../link/peer_link.ts";
import type {
  ChannelHandler,
  GuidedMesh,
  MeshChannel,
  PeerAddress,
  PeerStats,
  RequestHandler,
} from "../mesh.ts";
import type { Dial } from "./dialler.ts";
import { Peer, type PeerContext } from "./peer.ts";
import { Handlers } from "../exchange/handlers.ts";
import { Exchange } from "../exchange/exchange.ts";
import { countTraffic } from "../exchange/traffic.ts";

/** A tick that comes so many heartbeats late shows that this process did not run. */
const STALL_HEARTBEATS = 2;

/** Options of every mesh that links carry. */
export interface LinkedMeshOptions {
  readonly self: Self;
  readonly limits: MeshLimits;
  readonly timings: MeshTimings;
  readonly dial: Dial;
  /** Takes remarks for the operator. */
  readonly onLog: (message: string, failure?: unknown) => void;
}

/** A mesh over links of any kind: peers by shard, and their handlers. */
export class LinkedMesh implements GuidedMesh {
  readonly #options: LinkedMeshOptions;
  #self: Self;
  readonly #handlers = new Handlers();
  readonly #peers = new Map<string, Peer>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #onLinked = new Set<(shardId: string) => void>();
  readonly #onLost = new Set<(shardId: string, reason: PinionError) => void>();
  /** Links whose other side has not proven who it is. */
  readonly #strangers = new Set<PeerLink>();
  readonly #clock: ReturnType<typeof setInterval>;
  #tickedAt = performance.now();
  #isStopped = false;

  constructor(options: LinkedMeshOptions) {
    this.#options = options;
    this.#self = options.self;
    this.#clock = setInterval(() => this.#tick(), options.timings.heartbeatMs);
  }

  get shardId(): string {
    return this.#self.shardId;
  }

  get peers(): readonly string[] {
    return [...this.#peers.values()].filter((peer) => peer.isLinked).map(({ shardId }) => shardId);
  }

  async request(
    shardId: string,
    kind: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<unknown> {
    return await this.#exchange(shardId).request(kind, body, signal);
  }

  handle<Body>(kind: string, schema: z.ZodType<Body>, handler: RequestHandler<Body>): void {
    this.#handlers.handle(kind, schema, handler);
  }

  open(shardId: string, kind: string, header: unknown): MeshChannel {
    return this.#exchange(shardId).open(kind, header);
  }

  accept<Header>(kind: string, schema: z.ZodType<Header>, onChannel: ChannelHandler<Header>): void {
    this.#handlers.accept(kind, schema, onChannel);
  }

  onPeerLinked(callback: (shardId: string) => void): () => void {
    this.#onLinked.add(callback);
    return () => this.#onLinked.delete(callback);
  }

  onPeerLost(callback: (shardId: string, reason: PinionError) => void): () => void {
    this.#onLost.add(callback);
    return () => this.#onLost.delete(callback);
  }

  stats(): readonly PeerStats[] {
    return [...this.#peers.values()].map((peer) => peer.stats);
  }

  setPeers(peers: ReadonlyMap<string, PeerAddress>): void {
    if (this.#isStopped) return;
    for (const [shardId, peer] of this.#peers) {
      if (peers.has(shardId)) continue;
      this.#peers.delete(shardId);
      this.#leave(peer, "it is not in the cluster any more");
    }
    for (const [shardId, address] of peers) {
      if (shardId === this.shardId) continue;
      const peer = this.#peers.get(shardId);
      if (peer === undefined) this.#peers.set(shardId, this.#addPeer(shardId, address));
      else peer.move(address);
    }
  }

  setShard(shardId: string): void {
    if (shardId === this.#self.shardId) return;
    this.#self = { ...this.#self, shardId };
    for (const peer of this.#peers.values()) {
      this.#leave(peer, "this runtime is another shard's now");
    }
    this.#peers.clear();
  }

  /** Gives the address of another shard's mesh, if it is known. */
  urlOf(shardId: string): string | undefined {
    return this.#peers.get(shardId)?.url;
  }

  /** Takes a link that another runtime has opened. */
  async acceptLink(link: PeerLink): Promise<void> {
    const { limits, timings } = this.#options;
    const self = this.#self;
    if (this.#isStopped || this.#strangers.size >= limits.strangers) return link.close();
    this.#strangers.add(link);
    const timer = setTimeout(() => link.close(), timings.silenceMs);
    const frames = new FrameLink(link, MAX_GREETING_BYTES);
    try {
      const admit = (hello: Hello, position: LinkPosition) => this.#admit(link, hello, position);
      const acquaintance = await greetDialler(frames, self, admit);
      clearTimeout(timer);
      await this.#peers.get(acquaintance.hello.shardId)?.run(frames, acquaintance);
    } catch {
      // Who dials logs why it was refused: strangers shall not fill this runtime's log.
      await frames.drain();
    } finally {
      clearTimeout(timer);
      link.close();
      this.#strangers.delete(link);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearInterval(this.#clock);
    for (const link of this.#strangers) link.close();
    for (const peer of this.#peers.values()) this.#leave(peer, "this runtime stops");
    this.#peers.clear();
    await Promise.all(this.#leaving);
  }

  #admit(link: PeerLink, hello: Hello, position: LinkPosition): Welcome {
    const peer = this.#peers.get(hello.shardId);
    if (peer === undefined) throw refuse("its shard is not known here as one of the cluster yet");
    const welcome = peer.admit(hello, position);
    this.#strangers.delete(link);
    return welcome;
  }

  #addPeer(shardId: string, address: PeerAddress): Peer {
    const { limits, timings, dial, onLog } = this.#options;
    const context: PeerContext = {
      self: this.#self,
      limits,
      timings,
      handlers: this.#handlers,
      dial,
      onLinked: (shardId) => this.#tell(this.#onLinked, (callback) => callback(shardId)),
      onLost: (shardId, reason) =>
        this.#tell(this.#onLost, (callback) => callback(shardId, reason)),
      onLog,
    };
    return new Peer(shardId, address, context);
  }

  #leave(peer: Peer, why: string): void {
    const leaving = peer.stop(why).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** Finds the exchange with a shard; one that has failed where the shard is unknown. */
  #exchange(shardId: string): Exchange {
    const peer = this.#peers.get(shardId);
    if (peer !== undefined) return peer.exchange;
    const { limits, onLog } = this.#options;
    const exchange = new Exchange({
      shardId,
      limits,
      handlers: this.#handlers,
      traffic: countTraffic(),
      onFailure: onLog,
    });
    const why = this.#isStopped ? "this runtime stops" : "no runtime of the cluster acts for it";
    exchange.fail(new PinionError("SHARD_LOST", `Shard ${shardId} is lost: ${why}`));
    return exchange;
  }

  #tell<Callback>(callbacks: ReadonlySet<Callback>, call: (callback: Callback) => void): void {
    for (const callback of [...callbacks]) {
      try {
        call(callback);
      } catch (error) {
        this.#options.onLog("Telling of a peer that came or went failed", error);
      }
    }
  }

  #tick(): void {
    const now = performance.now();
    const { heartbeatMs } = this.#options.timings;
    const lateMs = now - this.#tickedAt - heartbeatMs;
    this.#tickedAt = now;
    const stalledMs = lateMs > STALL_HEARTBEATS * heartbeatMs ? lateMs : 0;
    for (const peer of this.#peers.values()) peer.tick(stalledMs);
  }
}
