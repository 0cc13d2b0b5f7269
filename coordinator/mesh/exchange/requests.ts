/**
 * Requests between two runtimes: those that wait for a reply, and those that are being answered.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { FLAG_ERROR, FRAME, type FrameHead } from "../link/mesh_frames.ts";
import type { MeshLimits } from "../mesh_limits.ts";
import { decodeBody, decodeError, encodeBody, encodeError } from "./message_codec.ts";

/** Sends a message that must arrive. */
export type Post = (head: FrameHead, payload: Uint8Array) => void;

const NOTHING = new Uint8Array();

/** Requests of this runtime to one peer. */
export class OutgoingRequests {
  readonly #shardId: string;
  readonly #limits: MeshLimits;
  readonly #post: Post;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(shardId: string, limits: MeshLimits, post: Post) {
    this.#shardId = shardId;
    this.#limits = limits;
    this.#post = post;
  }

  /** @throws `LIMIT_MESH`, `TOO_LARGE`, the reason of `signal`, what the peer answers */
  async ask(kind: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const payload = encodeBody([kind, body]);
    this.#check(kind, payload);
    const id = ++this.#lastId;
    const reply = Promise.withResolvers<unknown>();
    this.#pending.set(id, reply);
    const giveUp = () => {
      if (!this.#pending.delete(id)) return;
      this.#post({ type: FRAME.cancel, id }, NOTHING);
      reply.reject(signal!.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      this.#post({ type: FRAME.request, id }, payload);
      return await reply.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Takes a reply. One that nobody waits for any more is dropped. */
  settle(id: number, isError: boolean, payload: Uint8Array): void {
    if (id > this.#lastId) {
      throw new RangeError(`A reply came to request ${id}, which was not made`);
    }
    const reply = this.#pending.get(id);
    const value = isError ? decodeError(payload) : decodeBody(payload);
    this.#pending.delete(id);
    if (isError) reply?.reject(value);
    else reply?.resolve(value);
  }

  /** All of them fail. */
  fail(reason: PinionError): void {
    for (const reply of this.#pending.values()) reply.reject(reason);
    this.#pending.clear();
  }

  #check(kind: string, payload: Uint8Array): void {
    const { requests, messageBytes } = this.#limits;
    if (this.#pending.size >= requests) {
      throw new PinionError(
        "LIMIT_MESH",
        `Cannot ask shard ${this.#shardId} for ${kind}: ${requests} requests wait for a reply`,
      );
    }
    if (payload.byteLength > messageBytes) {
      throw new PinionError(
        "TOO_LARGE",
        `Cannot ask shard ${this.#shardId} for ${kind}: the request has ${payload.byteLength} ` +
          `bytes, at most ${messageBytes} are taken`,
      );
    }
  }
}

/** Requests of one peer to this runtime. */
export class IncomingRequests {
  readonly #limits: MeshLimits;
  readonly #post: Post;
  readonly #hasRoom: () => boolean;
  readonly #running = new Map<number, AbortController>();

  /** @param hasRoom Whether a reply may wait to be sent. */
  constructor(limits: MeshLimits, post: Post, hasRoom: () => boolean) {
    this.#limits = limits;
    this.#post = post;
    this.#hasRoom = hasRoom;
  }

  /**
   * Answers one.
   *
   * @param answer Runs the handler.
   * @param onFailure Told what the handler threw, for the log.
   */
  async answer(
    id: number,
    answer: (signal: AbortSignal) => Promise<unknown>,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    const abort = new AbortController();
    try {
      if (this.#running.size >= this.#limits.requests) {
        throw new PinionError(
          "LIMIT_MESH",
          `Cannot answer: ${this.#limits.requests} requests of this shard are being answered`,
        );
      }
      this.#running.set(id, abort);
      const payload = encodeBody(await answer(abort.signal));
      if (payload.byteLength > this.#limits.messageBytes) {
        throw new PinionError(
          "TOO_LARGE",
          `Cannot answer with ${payload.byteLength} bytes: at most ` +
            `${this.#limits.messageBytes} are taken`,
        );
      }
      if (!this.#hasRoom()) {
        throw new PinionError(
          "LIMIT_MESH",
          "Cannot answer: too many bytes of answers wait to be sent; ask for less at a time",
        );
      }
      if (!abort.signal.aborted) this.#post({ type: FRAME.reply, id }, payload);
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof PinionError)) onFailure(error);
      this.#post({ type: FRAME.reply, id, flags: FLAG_ERROR }, encodeError(error));
    } finally {
      if (this.#running.get(id) === abort) this.#running.delete(id);
    }
  }

  /** The peer does not wait any more. */
  cancel(id: number): void {
    this.#running.get(id)?.abort(
      new PinionError("EXECUTION_ABORTED", "The shard that asked waits for the answer no more"),
    );
  }

  /** Nobody waits any more. */
  fail(reason: PinionError): void {
    for (const abort of this.#running.values()) abort.abort(reason);
    this.#running.clear();
  }
}
