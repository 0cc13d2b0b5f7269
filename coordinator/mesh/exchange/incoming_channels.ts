/**
 * Channels from one peer to this runtime: gives each to its handler, and its frames to it.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { FRAME, type Frame, type FrameHead } from "../link/mesh_frames.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import type { Handlers } from "./handlers.ts";
import { ReceivingChannel } from "./incoming_channel.ts";
import { decodeError, encodeError } from "./message_codec.ts";
import { refuseMore } from "./refuse_more.ts";
import type { Post } from "./requests.ts";

const NOTHING = new Uint8Array();

/** Parts of the channels from a peer. */
export interface IncomingChannelsDeps {
  readonly shardId: string;
  readonly limits: MeshLimits;
  readonly handlers: Handlers;
  readonly post: Post;
  /** Told what handlers threw that is no error of ours. */
  readonly onFailure: (message: string, error: unknown) => void;
}

/** Channels of one peer to this runtime. */
export class IncomingChannels {
  readonly #deps: IncomingChannelsDeps;
  readonly #channels = new Map<number, ReceivingChannel>();
  #lastId = 0;

  constructor(deps: IncomingChannelsDeps) {
    this.#deps = deps;
  }

  /** Number of those that are open. */
  get size(): number {
    return this.#channels.size;
  }

  /** Gives a new channel to its handler. @throws RangeError where it is not new */
  accept(id: number, payload: Uint8Array): void {
    if (id <= this.#lastId) throw new RangeError(`Channel ${id} was opened twice`);
    this.#lastId = id;
    const { shardId, limits, handlers, onFailure } = this.#deps;
    const channel = this.#create(id);
    if (this.size >= limits.channels) {
      return channel.stop(refuseMore(shardId, `${limits.channels} are open`));
    }
    this.#channels.set(id, channel);
    try {
      handlers.take(shardId, payload, channel);
    } catch (error) {
      if (!(error instanceof PinionError)) {
        onFailure(`A channel of shard ${shardId} was not taken`, error);
      }
      channel.stop(PinionError.from(error));
    }
  }

  /** Takes a frame of data. */
  receive(frame: Frame): void {
    this.#find(frame.id)?.receive(frame);
  }

  /** The sender has sent everything. */
  end(id: number): void {
    this.#find(id)?.end();
  }

  /** The sender has ended the channel. @param message Its error, as bytes. */
  abort(id: number, message: Uint8Array): void {
    this.#find(id)?.fail(decodeError(message));
    this.#channels.delete(id);
  }

  /** All of them fail. */
  fail(reason: PinionError): void {
    for (const channel of this.#channels.values()) channel.fail(reason);
    this.#channels.clear();
  }

  #create(id: number): ReceivingChannel {
    const { limits, post } = this.#deps;
    const close = (type: FrameHead["type"], payload: Uint8Array) => {
      this.#channels.delete(id);
      post({ type, id }, payload);
    };
    return new ReceivingChannel(limits, {
      credit: (bytes) => post({ type: FRAME.credit, id }, encodeCount(bytes)),
      finish: () => close(FRAME.finish, NOTHING),
      stop: (error) => close(FRAME.stop, encodeError(error)),
    });
  }

  /** None where it is closed already. @throws RangeError where it was never opened */
  #find(id: number): ReceivingChannel | undefined {
    if (id > this.#lastId) throw new RangeError(`Channel ${id} is not open`);
    return this.#channels.get(id);
  }
}

function encodeCount(count: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}
