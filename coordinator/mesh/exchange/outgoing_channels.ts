/**
 * Channels from this runtime to one peer: numbers them, and lets those that have something to send
 * take turns.
 *
 * @module
 */

import type { PinionError } from "../../../errors.ts";
import { FRAME } from "../link/mesh_frames.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import type { MeshChannel } from "../mesh.ts";
import type { Parcel } from "./frame_outbox.ts";
import { decodeError, encodeBody, encodeError } from "./message_codec.ts";
import { type ChannelOwner, OutgoingChannel } from "./outgoing_channel.ts";
import { refuseMore } from "./refuse_more.ts";
import type { Post } from "./requests.ts";

/** Parts of the channels to a peer. */
export interface OutgoingChannelsDeps {
  readonly shardId: string;
  readonly limits: MeshLimits;
  readonly post: Post;
  /** Called when a channel has something to send. */
  readonly onOffer: () => void;
}

/** Channels of this runtime to one peer. */
export class OutgoingChannels implements ChannelOwner {
  readonly shardId: string;
  readonly limits: MeshLimits;
  readonly #post: Post;
  readonly #onOffer: () => void;
  readonly #channels = new Map<number, OutgoingChannel>();
  /** Channels that have something to send, in the order of their turns. */
  readonly #ready = new Set<OutgoingChannel>();
  /** The peer's window: what a new channel may send; 0 until they have linked. */
  #peerWindow = 0;
  #lastId = 0;

  constructor({ shardId, limits, post, onOffer }: OutgoingChannelsDeps) {
    this.shardId = shardId;
    this.limits = limits;
    this.#post = post;
    this.#onOffer = onOffer;
  }

  /** Number of those that are open. */
  get size(): number {
    return this.#channels.size;
  }

  /** As `Mesh.open`. @param reason Why it is closed from the start; null where it is not. */
  open(kind: string, header: unknown, reason: PinionError | null): MeshChannel {
    const channel = new OutgoingChannel(++this.#lastId, this.#peerWindow, this);
    const { channels } = this.limits;
    if (reason !== null) channel.fail(reason);
    else if (this.size >= channels) {
      channel.fail(refuseMore(this.shardId, `${channels} are open`));
    } else {
      const payload = encodeBody([kind, header]);
      this.#channels.set(channel.id, channel);
      this.#post({ type: FRAME.open, id: channel.id }, payload);
    }
    return channel;
  }

  offer(channel: OutgoingChannel): void {
    if (!channel.isReady) return;
    this.#ready.add(channel);
    this.#onOffer();
  }

  abort(channel: OutgoingChannel, error: PinionError): void {
    this.#channels.delete(channel.id);
    this.#ready.delete(channel);
    this.#post({ type: FRAME.abort, id: channel.id }, encodeError(error));
  }

  /** The peer is linked: every channel may send so much at first. Later calls change nothing. */
  useWindow(windowBytes: number): void {
    if (this.#peerWindow !== 0) return;
    this.#peerWindow = windowBytes;
    for (const channel of this.#channels.values()) channel.grant(windowBytes);
  }

  /** The receiver takes so many bytes more. */
  grant(id: number, bytes: number): void {
    this.#find(id)?.grant(bytes);
  }

  /** The receiver has read everything. */
  finish(id: number): void {
    this.#find(id)?.finish();
    this.#channels.delete(id);
  }

  /** The receiver reads no more. @param message Its error, as bytes. */
  stop(id: number, message: Uint8Array): void {
    const channel = this.#find(id);
    if (channel === undefined) return;
    channel.fail(decodeError(message));
    this.#ready.delete(channel);
    this.#channels.delete(id);
  }

  /** The next frame of the channel whose turn it is. */
  readonly take = (): Parcel | null => {
    for (const channel of this.#ready) {
      this.#ready.delete(channel);
      const parcel = channel.take();
      if (channel.isReady) this.#ready.add(channel);
      if (parcel !== null) return parcel;
    }
    return null;
  };

  /** All of them fail. */
  fail(reason: PinionError): void {
    this.#ready.clear();
    for (const channel of this.#channels.values()) channel.fail(reason);
    this.#channels.clear();
  }

  /** None where it is closed already. @throws RangeError where it was never opened */
  #find(id: number): OutgoingChannel | undefined {
    if (id > this.#lastId) throw new RangeError(`Channel ${id} is not open`);
    return this.#channels.get(id);
  }
}
