/**
 * The exchange between two runtimes from their first link until one is lost: numbered frames over
 * one link after the other, and the requests and channels that they carry.
 *
 * ```text
 *  request ──► OutgoingRequests ─┐              ┌─► OutgoingRequests, replies
 *  open ─────► OutgoingChannels ─┴─► Outbox ─┐  ├─► OutgoingChannels, credit
 *                                            ▼  │
 *                                            link ──► Receipts, Assembler
 *                                               │
 *                                               └─► IncomingRequests, IncomingChannels ──► Handlers
 * ```
 *
 * @module
 */

import type { PinionError } from "../../../errors.ts";
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
import { Outbox } from "./frame_outbox.ts";
import type { Handlers } from "./handlers.ts";
import { IncomingChannels } from "./incoming_channels.ts";
import { OutgoingChannels } from "./outgoing_channels.ts";
import { Receipts } from "./receipts.ts";
import { refuseMore } from "./refuse_more.ts";
import { IncomingRequests, OutgoingRequests } from "./requests.ts";
import type { Traffic } from "./traffic.ts";

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
export class Exchange {
  /** Given by the side that listens; null until they have linked. */
  id: string | null = null;
  readonly #options: ExchangeOptions;
  readonly #outbox: Outbox;
  readonly #receipts = new Receipts();
  readonly #assembler: Assembler;
  readonly #asking: OutgoingRequests;
  readonly #answering: IncomingRequests;
  readonly #sending: OutgoingChannels;
  readonly #receiving: IncomingChannels;
  #link: PeerLink | null = null;
  #isKicked = false;
  #reason: PinionError | null = null;

  constructor(options: ExchangeOptions) {
    const { shardId, limits, traffic } = options;
    this.#options = options;
    this.#outbox = new Outbox(limits.unacknowledgedBytes, traffic);
    this.#assembler = new Assembler(limits.messageBytes);
    const post = (head: FrameHead, payload: Uint8Array) => this.#post(head, payload);
    const onOffer = () => this.#kick();
    this.#asking = new OutgoingRequests(shardId, limits, post);
    this.#answering = new IncomingRequests(limits, post, () => this.#hasRoom);
    this.#sending = new OutgoingChannels({ shardId, limits, post, onOffer });
    this.#receiving = new IncomingChannels({ ...options, post });
  }

  /** Number of the frame that came last. */
  get lastReceived(): number {
    return this.#receipts.last;
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
      const why = `${this.#outbox.waitingBytes} bytes wait to be sent`;
      return Promise.reject(refuseMore(this.#options.shardId, why));
    }
    return this.#asking.ask(kind, body, signal);
  }

  /** As `Mesh.open`. */
  open(kind: string, header: unknown): MeshChannel {
    return this.#sending.open(kind, header, this.#reason);
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
    this.#sending.useWindow(peer.windowBytes);
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
    this.#receipts.demand();
    this.#pump();
  }

  /**
   * Takes a frame of the peer.
   *
   * @throws RangeError or Error where it breaks the protocol: the exchange cannot go on
   */
  receive(frame: Frame): void {
    if (frame.type === FRAME.ack) {
      this.#outbox.acknowledge(frame.number);
      return this.#kick();
    }
    if (!this.#receipts.take(frame)) return;
    this.#options.traffic.receivedFrames++;
    this.#take(frame);
    if (this.#receipts.weigh()) this.#kick();
  }

  /** Everything that is under way fails. */
  fail(reason: PinionError): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.detach();
    this.#outbox.clear();
    this.#asking.fail(reason);
    this.#answering.fail(reason);
    this.#sending.fail(reason);
    this.#receiving.fail(reason);
  }

  #take(frame: Frame): void {
    const { type, id, payload } = frame;
    switch (type) {
      case FRAME.data:
        return this.#receiving.receive(frame);
      case FRAME.credit:
        return this.#sending.grant(id, new DataView(payload.buffer).getUint32(0));
      case FRAME.end:
        return this.#receiving.end(id);
      case FRAME.finish:
        return this.#sending.finish(id);
      case FRAME.cancel:
        return this.#answering.cancel(id);
      case FRAME.request:
      case FRAME.reply:
      case FRAME.open:
      case FRAME.abort:
      case FRAME.stop: {
        const message = this.#assembler.add(frame);
        return message === null ? undefined : this.#takeMessage(frame, message);
      }
      default:
        throw new RangeError(`A frame of type ${type} came out of its place`);
    }
  }

  /** Takes a whole message, of which the frame was the last part. */
  #takeMessage({ type, id, flags }: Frame, message: Uint8Array): void {
    if (type === FRAME.request) this.#answer(id, message);
    else if (type === FRAME.reply) {
      this.#asking.settle(id, (flags & FLAG_ERROR) !== 0, message);
    } else if (type === FRAME.open) this.#receiving.accept(id, message);
    else if (type === FRAME.abort) this.#receiving.abort(id, message);
    else this.#sending.stop(id, message);
  }

  #answer(id: number, payload: Uint8Array): void {
    const { shardId, handlers, onFailure } = this.#options;
    void this.#answering.answer(
      id,
      (signal) => handlers.answer(shardId, payload, signal),
      (error) => onFailure(`A request of shard ${shardId} failed`, error),
    );
  }

  get #hasRoom(): boolean {
    return this.#outbox.waitingBytes <= this.#options.limits.controlBytes;
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
    if (this.#receipts.isDue) this.#acknowledge(this.#link);
    this.#outbox.writeTo(this.#link, this.#sending.take);
  }

  #acknowledge(link: PeerLink): void {
    this.#options.traffic.sentBytes += FRAME_HEADER_BYTES;
    const number = this.#receipts.acknowledge();
    link.write([encodeHeader({ type: FRAME.ack, number }, 0)]);
  }
}
