/**
 * The exchange between two runtimes from their first link until one is lost: numbered frames over
 * one link after the other, and the requests and channels that they carry.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import {
  encodeHeader,
  FLAG_ERROR,
  FRAME,
  type Frame,
  FRAME_HEADER_BYTES,
  type FrameHead,
} from "../link/mesh_frames.ts";
import type { PeerLink } from "../link/peer_link.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import type { MeshChannel } from "../mesh.ts";
import { Assembler } from "./assembler.ts";
import { decodeError, encodeBody, encodeError } from "./message_codec.ts";
import type { Handlers } from "./handlers.ts";
import { ReceivingChannel } from "./incoming_channel.ts";
import { type ChannelOwner, OutgoingChannel } from "./outgoing_channel.ts";
import { Outbox, type Parcel } from "./frame_outbox.ts";
import { IncomingRequests, OutgoingRequests } from "./requests.ts";
import type { Traffic } from "./traffic.ts";

/** Bytes and frames that may come before they are acknowledged. */
const ACK_BYTES = 512 * 1024;
const ACK_FRAMES = 256;

const NOTHING = new Uint8Array();

/** Parts of an exchange. */
export interface ExchangeOptions {
  readonly shardId: string;
  readonly limits: MeshLimits;
  readonly handlers: Handlers;
  readonly traffic: Traffic;
  /** Told what handlers threw that is no error of ours. */
  readonly onFailure: (message: string, error: unknown) => void;
}

/** The requests and channels between this runtime and one other. */
export class Exchange implements ChannelOwner {
  readonly shardId: string;
  readonly limits: MeshLimits;
  /** Given by the side that listens; null until they have linked. */
  id: string | null = null;
  /** Number of the frame that came last. */
  lastReceived = 0;
  readonly #options: ExchangeOptions;
  readonly #outbox: Outbox;
  readonly #assembler: Assembler;
  readonly #asking: OutgoingRequests;
  readonly #answering: IncomingRequests;
  readonly #sending = new Map<number, OutgoingChannel>();
  readonly #receiving = new Map<number, ReceivingChannel>();
  /** Channels that have something to send, in the order of their turns. */
  readonly #ready = new Set<OutgoingChannel>();
  /** The peer's window: what a new channel may send; 0 until they have linked. */
  #peerWindow = 0;
  #lastSending = 0;
  #lastReceiving = 0;
  #link: PeerLink | null = null;
  #isKicked = false;
  #owesAck = false;
  #unacknowledged = { bytes: 0, frames: 0 };
  #reason: PinionError | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.shardId = options.shardId;
    this.limits = options.limits;
    this.#outbox = new Outbox(this.limits.unacknowledgedBytes, options.traffic);
    this.#assembler = new Assembler(this.limits.messageBytes);
    const post = (head: FrameHead, payload: Uint8Array) => this.#post(head, payload);
    this.#asking = new OutgoingRequests(this.shardId, this.limits, post);
    this.#answering = new IncomingRequests(this.limits, post, () => this.#hasRoom);
  }

  /** Frames and bytes that the peer has not acknowledged; open channels. */
  get state(): { unacknowledged: number; unacknowledgedBytes: number; channels: number } {
    return {
      unacknowledged: this.#outbox.keptFrames,
      unacknowledgedBytes: this.#outbox.keptBytes,
      channels: this.#sending.size + this.#receiving.size,
    };
  }

  /** As `Mesh.request`. */
  request(kind: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.#reason !== null) return Promise.reject(this.#reason);
    if (!this.#hasRoom) {
      return Promise.reject(this.#refuse(`${this.#outbox.waitingBytes} bytes wait to be sent`));
    }
    return this.#asking.ask(kind, body, signal);
  }

  /** As `Mesh.open`. */
  open(kind: string, header: unknown): MeshChannel {
    const channel = new OutgoingChannel(++this.#lastSending, this.#peerWindow, this);
    const { channels } = this.limits;
    if (this.#reason !== null) channel.fail(this.#reason);
    else if (this.#sending.size >= channels) channel.fail(this.#refuse(`${channels} are open`));
    else {
      const payload = encodeBody([kind, header]);
      this.#sending.set(channel.id, channel);
      this.#post({ type: FRAME.open, id: channel.id }, payload);
    }
    return channel;
  }

  offer(channel: OutgoingChannel): void {
    if (!channel.isReady) return;
    this.#ready.add(channel);
    this.#kick();
  }

  abort(channel: OutgoingChannel, error: PinionError): void {
    this.#sending.delete(channel.id);
    this.#ready.delete(channel);
    this.#post({ type: FRAME.abort, id: channel.id }, encodeError(error));
  }

  /**
   * Goes on over this link.
   *
   * @param peer What the peer has received, and what a channel to it may send at first.
   * @throws RangeError where the peer has received what was not sent
   */
  attach(link: PeerLink, peer: { readonly received: number; readonly windowBytes: number }): void {
    this.#outbox.resume(peer.received);
    this.#link = link;
    if (this.#peerWindow === 0) {
      this.#peerWindow = peer.windowBytes;
      for (const channel of this.#sending.values()) channel.grant(peer.windowBytes);
    }
    link.onWritable = () => this.#pump();
    this.heartbeat();
  }

  /** Waits for another link. */
  detach(): void {
    if (this.#link !== null) this.#link.onWritable = () => {};
    this.#link = null;
  }

  /** Says that this runtime is there, and what has come. */
  heartbeat(): void {
    this.#owesAck = true;
    this.#pump();
  }

  /**
   * Takes a frame of the peer.
   *
   * @throws RangeError or Error where it breaks the protocol: the session cannot go on
   */
  receive(frame: Frame): void {
    if (frame.type === FRAME.ack) {
      this.#outbox.acknowledge(frame.number);
      return this.#kick();
    }
    if (frame.number <= this.lastReceived) return;
    if (frame.number !== this.lastReceived + 1) {
      throw new RangeError(`Frame ${frame.number} came after ${this.lastReceived}`);
    }
    this.lastReceived = frame.number;
    this.#options.traffic.receivedFrames++;
    this.#unacknowledged.frames++;
    this.#unacknowledged.bytes += FRAME_HEADER_BYTES + frame.payload.byteLength;
    this.#take(frame);
    const { frames, bytes } = this.#unacknowledged;
    if (frames < ACK_FRAMES && bytes < ACK_BYTES) return;
    this.#owesAck = true;
    this.#kick();
  }

  /** Everything that is under way fails. */
  fail(reason: PinionError): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.detach();
    this.#outbox.clear();
    this.#ready.clear();
    this.#asking.fail(reason);
    this.#answering.fail(reason);
    for (const channel of this.#sending.values()) channel.fail(reason);
    for (const channel of this.#receiving.values()) channel.fail(reason);
    this.#sending.clear();
    this.#receiving.clear();
  }

  #take(frame: Frame): void {
    const { type, id, flags, payload } = frame;
    switch (type) {
      case FRAME.request:
        return this.#answer(id, this.#assembler.add(frame));
      case FRAME.reply: {
        const message = this.#assembler.add(frame);
        if (message !== null) this.#asking.settle(id, (flags & FLAG_ERROR) !== 0, message);
        return;
      }
      case FRAME.cancel:
        return this.#answering.cancel(id);
      case FRAME.open:
        return this.#accept(id, this.#assembler.add(frame));
      case FRAME.data:
        return this.#incoming(id)?.receive(frame);
      case FRAME.end:
        return this.#incoming(id)?.end();
      case FRAME.abort: {
        const message = this.#assembler.add(frame);
        if (message === null) return;
        this.#incoming(id)?.fail(decodeError(message));
        return void this.#receiving.delete(id);
      }
      case FRAME.credit:
        return this.#outgoing(id)?.grant(new DataView(payload.buffer).getUint32(0));
      case FRAME.finish:
        this.#outgoing(id)?.finish();
        return void this.#sending.delete(id);
      case FRAME.stop: {
        const message = this.#assembler.add(frame);
        const channel = this.#outgoing(id);
        if (message === null || channel === undefined) return;
        channel.fail(decodeError(message));
        this.#ready.delete(channel);
        return void this.#sending.delete(id);
      }
      default:
        throw new RangeError(`A frame of type ${type} came out of its place`);
    }
  }

  #answer(id: number, payload: Uint8Array | null): void {
    if (payload === null) return;
    const { handlers, onFailure } = this.#options;
    void this.#answering.answer(
      id,
      (signal) => handlers.answer(this.shardId, payload, signal),
      (error) => onFailure(`A request of shard ${this.shardId} failed`, error),
    );
  }

  #accept(id: number, payload: Uint8Array | null): void {
    if (payload === null) return;
    if (id <= this.#lastReceiving) throw new RangeError(`Channel ${id} was opened twice`);
    this.#lastReceiving = id;
    const close = (type: FrameHead["type"], payload: Uint8Array) => {
      this.#receiving.delete(id);
      this.#post({ type, id }, payload);
    };
    const channel = new ReceivingChannel(this.limits, {
      credit: (bytes) => this.#post({ type: FRAME.credit, id }, encodeCount(bytes)),
      finish: () => close(FRAME.finish, NOTHING),
      stop: (error) => close(FRAME.stop, encodeError(error)),
    });
    if (this.#receiving.size >= this.limits.channels) {
      return channel.stop(this.#refuse(`${this.limits.channels} are open`));
    }
    this.#receiving.set(id, channel);
    try {
      this.#options.handlers.take(this.shardId, payload, channel);
    } catch (error) {
      if (!(error instanceof PinionError)) {
        this.#options.onFailure(`A channel of shard ${this.shardId} was not taken`, error);
      }
      channel.stop(PinionError.from(error));
    }
  }

  /** None where it is closed already. @throws RangeError where it was never opened */
  #incoming(id: number): ReceivingChannel | undefined {
    if (id > this.#lastReceiving) throw new RangeError(`Channel ${id} is not open`);
    return this.#receiving.get(id);
  }

  /** None where it is closed already. @throws RangeError where it was never opened */
  #outgoing(id: number): OutgoingChannel | undefined {
    if (id > this.#lastSending) throw new RangeError(`Channel ${id} is not open`);
    return this.#sending.get(id);
  }

  get #hasRoom(): boolean {
    return this.#outbox.waitingBytes <= this.limits.controlBytes;
  }

  #refuse(why: string): PinionError {
    return new PinionError(
      "LIMIT_MESH",
      `Cannot begin more with shard ${this.shardId}: ${why}; try again later`,
    );
  }

  #post(head: FrameHead, payload: Uint8Array): void {
    if (this.#reason !== null) return;
    this.#outbox.push(head, payload);
    this.#kick();
  }

  /** Sends the frames of one turn of the loop together. */
  #kick(): void {
    if (this.#isKicked || this.#link === null) return;
    this.#isKicked = true;
    queueMicrotask(() => {
      this.#isKicked = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#link === null) return;
    if (this.#owesAck) this.#acknowledge(this.#link);
    this.#outbox.writeTo(this.#link, this.#takeData);
  }

  /** The next frame of the channel whose turn it is. */
  readonly #takeData = (): Parcel | null => {
    for (const channel of this.#ready) {
      this.#ready.delete(channel);
      const parcel = channel.take();
      if (channel.isReady) this.#ready.add(channel);
      if (parcel !== null) return parcel;
    }
    return null;
  };

  #acknowledge(link: PeerLink): void {
    this.#owesAck = false;
    this.#unacknowledged = { bytes: 0, frames: 0 };
    this.#options.traffic.sentBytes += FRAME_HEADER_BYTES;
    link.write([encodeHeader({ type: FRAME.ack, number: this.lastReceived }, 0)]);
  }
}

function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}
