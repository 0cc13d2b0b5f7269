/**
 * The sender's end of a channel: messages wait here until the receiver has given credit for them and
 * the link can take them.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { FLAG_MORE, FRAME, FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from "../link/mesh_frames.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import type { MeshChannel } from "../mesh.ts";
import { Deque } from "./deque.ts";
import type { Parcel } from "./frame_outbox.ts";

/** `pendingBytes` times this is more than any sender that waits when asked to can reach. */
const PENDING_SLACK = 4;

/** What a channel needs of its session. */
export interface ChannelOwner {
  readonly shardId: string;
  readonly limits: MeshLimits;
  /** The channel has something that may be sent. */
  offer(channel: OutgoingChannel): void;
  /** Its user ended it with an error. */
  abort(channel: OutgoingChannel, error: PinionError): void;
}

/** See the module. */
export class OutgoingChannel implements MeshChannel {
  readonly id: number;
  readonly #owner: ChannelOwner;
  readonly #closed = Promise.withResolvers<void>();
  readonly #messages = new Deque<Uint8Array>();
  /** Bytes of the first message that are sent. */
  #sentOfFirst = 0;
  #pendingBytes = 0;
  #credit: number;
  #room: PromiseWithResolvers<void> | null = null;
  #end: "none" | "asked" | "sent" = "none";
  /** Why it is closed; null while it is open. */
  #reason: PinionError | "finished" | null = null;

  /** @param credit Bytes that the receiver takes before it has read any. */
  constructor(id: number, credit: number, owner: ChannelOwner) {
    this.id = id;
    this.#credit = credit;
    this.#owner = owner;
    // Who does not care how it ends need not say so.
    this.#closed.promise.catch(() => {});
  }

  get shardId(): string {
    return this.#owner.shardId;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  send(bytes: Uint8Array): void | Promise<void> {
    if (this.#reason instanceof PinionError) throw this.#reason;
    if (this.#end !== "none") throw new TypeError("Cannot send on a channel that has ended");
    const { messageBytes, pendingBytes } = this.#owner.limits;
    if (bytes.byteLength > messageBytes) {
      throw new PinionError(
        "TOO_LARGE",
        `Cannot send ${bytes.byteLength} bytes to shard ${this.shardId} as one message: ` +
          `at most ${messageBytes} are taken`,
      );
    }
    if (this.#pendingBytes > pendingBytes * PENDING_SLACK) {
      throw new PinionError(
        "LIMIT_MESH",
        `Cannot send more to shard ${this.shardId}: ${this.#pendingBytes} bytes wait already; ` +
          "wait for the promise of send",
      );
    }
    this.#messages.push(bytes);
    this.#pendingBytes += FRAME_HEADER_BYTES + bytes.byteLength;
    this.#owner.offer(this);
    if (this.#pendingBytes <= pendingBytes) return;
    if (this.#room === null) {
      this.#room = Promise.withResolvers();
      this.#room.promise.catch(() => {});
    }
    return this.#room.promise;
  }

  end(): void {
    if (this.#reason !== null || this.#end !== "none") return;
    this.#end = "asked";
    this.#owner.offer(this);
  }

  abort(error: PinionError): void {
    if (this.#reason !== null) return;
    this.#owner.abort(this, error);
    this.fail(error);
  }

  /** Whether {@linkcode take} has something to give. */
  get isReady(): boolean {
    if (this.#reason !== null) return false;
    return this.#messages.length > 0 ? this.#credit > 0 : this.#end === "asked";
  }

  /** The next frame to send, if there is one. */
  take(): Parcel | null {
    if (!this.isReady) return null;
    const message = this.#messages.first;
    if (message === undefined) {
      this.#end = "sent";
      return { head: { type: FRAME.end, id: this.id }, payload: new Uint8Array() };
    }
    const rest = message.byteLength - this.#sentOfFirst;
    const isMore = rest > MAX_FRAME_BYTES;
    const until = isMore ? this.#sentOfFirst + MAX_FRAME_BYTES : message.byteLength;
    const payload = until === message.byteLength && this.#sentOfFirst === 0
      ? message
      : message.subarray(this.#sentOfFirst, until);
    this.#credit -= FRAME_HEADER_BYTES + payload.byteLength;
    this.#pendingBytes -= payload.byteLength;
    this.#sentOfFirst = until;
    if (!isMore) {
      this.#messages.shift();
      this.#sentOfFirst = 0;
      this.#pendingBytes -= FRAME_HEADER_BYTES;
    }
    if (this.#room !== null && this.#pendingBytes <= this.#owner.limits.pendingBytes / 2) {
      this.#room.resolve();
      this.#room = null;
    }
    return { head: { type: FRAME.data, flags: isMore ? FLAG_MORE : 0, id: this.id }, payload };
  }

  /** The receiver takes so many bytes more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    if (this.isReady) this.#owner.offer(this);
  }

  /**
   * The receiver has read everything.
   *
   * @throws RangeError where not everything was sent
   */
  finish(): void {
    if (this.#end !== "sent") throw new RangeError(`Channel ${this.id} has not ended`);
    this.#reason = "finished";
    this.#closed.resolve();
  }

  /** It is over. */
  fail(error: PinionError): void {
    if (this.#reason !== null) return;
    this.#reason = error;
    this.#messages.clear();
    this.#room?.reject(error);
    this.#closed.reject(error);
  }
}
