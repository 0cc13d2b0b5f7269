/**
 * The mesh between the runtimes of a cluster: requests, and one-way channels of bytes with
 * back-pressure. This file is its face; it knows shards by their ids and nothing of what is sent.
 *
 * Between two runtimes everything arrives once and in the order in which it was sent, also over a
 * connection that broke and came back, until one of them takes the other for lost. What was under
 * way then fails with `SHARD_LOST`, on both sides; nothing is carried over to the time after.
 *
 * `http_mesh.ts` implements it over HTTP/2, `in_process_mesh.ts` inside of one process.
 *
 * @module
 */

import type { z } from "zod";
import type { PinionError } from "../../errors.ts";

/** Address and state of another shard's acting runtime. */
export interface PeerAddress {
  /** Base URL of its mesh, such as `http://10.0.0.7:7481`. */
  readonly url: string;
  /**
   * Fencing epoch of its lease: of two runtimes of one shard the one with the greater epoch acts.
   */
  readonly epoch: number;
}

/**
 * Answers a request. What it gives may be anything that can be cloned; what it throws reaches the
 * one who asked, as data.
 *
 * @param signal Aborts when the one who asked gave up or is lost.
 */
export type RequestHandler<Body> = (
  from: string,
  body: Body,
  signal: AbortSignal,
) => unknown | Promise<unknown>;

/**
 * Takes a channel that a peer opened. Where it throws, the sender's channel ends with that error.
 */
export type ChannelHandler<Header> = (
  from: string,
  header: Header,
  channel: IncomingChannel,
) => void;

/** Traffic with one peer since this runtime started. */
export interface PeerStats {
  readonly shardId: string;
  readonly isLinked: boolean;
  readonly sentBytes: number;
  readonly sentFrames: number;
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  /** Connections after the first. */
  readonly reconnects: number;
  /** Frames that were sent again after a reconnect. */
  readonly resentFrames: number;
  /** Frames sent that the peer has not acknowledged yet. */
  readonly unacknowledged: number;
  readonly unacknowledgedBytes: number;
  /** Channels that are open, either way. */
  readonly channels: number;
}

/** Sends requests and opens channels to the other shards. */
export interface Mesh extends AsyncDisposable {
  /** This runtime's shard. It is not a peer of its own. */
  readonly shardId: string;
  /** Shards whose acting runtime is linked now. */
  readonly peers: readonly string[];

  /**
   * Asks another shard's runtime. Waits for its link where the shard is known but not linked yet.
   *
   * @param body Anything msgpack holds with `Map`, `Set`, `Date`, `bigint`, typed arrays and
   * `undefined`; no functions, no cycles. What the handler gives comes back under the same rule.
   * @param signal Gives up: rejects with its reason, and aborts the handler's signal.
   * @throws `SHARD_LOST` that names the shard, `LIMIT_MESH`, or what the handler threw
   */
  request(shardId: string, kind: string, body: unknown, signal?: AbortSignal): Promise<unknown>;

  /** Answers requests of this kind, of which there may be one handler. */
  handle<Body>(kind: string, schema: z.ZodType<Body>, handler: RequestHandler<Body>): void;

  /**
   * Opens a one-way channel. What goes wrong, also that the shard is unknown, shows in its
   * `closed` and in the promises of `send`.
   *
   * @param header Tells the receiver what it is for: as `body` of {@linkcode request}.
   */
  open(shardId: string, kind: string, header: unknown): MeshChannel;

  /** Takes channels of this kind, of which there may be one handler. */
  accept<Header>(
    kind: string,
    schema: z.ZodType<Header>,
    onChannel: ChannelHandler<Header>,
  ): void;

  /** Called when a peer is linked that was not before. Gives a function that ends the calls. */
  onPeerLinked(callback: (shardId: string) => void): () => void;

  /**
   * Called when a linked or awaited peer is lost, once all that was under way with it has failed.
   * Gives a function that ends the calls.
   *
   * @param reason `SHARD_LOST`, which names the shard and says what happened.
   */
  onPeerLost(callback: (shardId: string, reason: PinionError) => void): () => void;

  /** Traffic with each peer that there has been. */
  stats(): readonly PeerStats[];
}

/** A mesh that is told by membership who its peers are. */
export interface GuidedMesh extends Mesh {
  /**
   * Says which runtime acts for each other shard. A shard that is no longer in it is lost; one with
   * another address and no lesser epoch is lost and linked anew.
   */
  setPeers(peers: ReadonlyMap<string, PeerAddress>): void;

  /** Says that this runtime is another shard's now, as after a failover. Every peer is lost. */
  setShard(shardId: string): void;
}

/** The sender's end of a channel. */
export interface MeshChannel {
  /** Shard that it leads to. */
  readonly shardId: string;
  /**
   * Sends one message, which arrives as one. Takes the bytes over: they must not change any more.
   *
   * @returns A promise where the sender has to wait before it sends on: it resolves when there is
   * room, and rejects when the channel has failed. Who goes on all the same is stopped by an error.
   * @throws the reason of `closed` once the channel is closed; `TOO_LARGE`, `LIMIT_MESH`
   */
  send(bytes: Uint8Array): void | Promise<void>;
  /** Nothing more is sent: the receiver's iteration ends after the last message. */
  end(): void;
  /**
   * Ends the channel with an error, which the receiver's iteration throws. Messages may be lost.
   */
  abort(error: PinionError): void;
  /**
   * Resolves when the receiver has read everything and the end. Rejects with `SHARD_LOST`, the
   * error of `abort`, or the one with which the receiver stopped. It need not be awaited.
   */
  readonly closed: Promise<void>;
}

/**
 * The receiver's end of a channel. Iterates over its messages in order, once; asking for the next
 * message says that the one before is dealt with and lets the sender send on. Leaving the iteration
 * early stops the sender.
 */
export interface IncomingChannel extends AsyncIterable<Uint8Array> {
  /** Stops the sender, whose `closed` rejects with the error; the iteration throws it as well. */
  stop(error: PinionError): void;
}
