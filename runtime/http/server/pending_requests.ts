/**
 * The requests that the engine works on, so that they can be aborted: when the client leaves, and
 * when the runtime stops.
 *
 * To watch a client costs more than a short invocation itself (measured: `request.signal` halves the
 * rate of an empty `Deno.serve`), so only requests that take long are watched.
 *
 * @module
 */

import { SlotTable } from "../../base/slot_table.ts";
import type { Connection } from "./connections.ts";

/** One request at work; {@linkcode PendingRequests.end} it when it is over. */
export interface PendingRequest {
  /** Its number among those at work. */
  id: number;
  /** The request, whose signal tells of a client that leaves. */
  readonly request: Request;
  /** What it came on. */
  readonly connection: Connection;
  /** By `performance.now()`. */
  readonly startedMs: number;
  /** Its signal goes to the engine. */
  readonly controller: AbortController;
  /** Whether its body is being waited for. */
  isReading: boolean;
  /** Whether the signal of the request is listened to. */
  isWatched: boolean;
  /** Whether an abort comes too late. */
  isOver: boolean;
  /** Work that goes on after the response has begun. */
  extension: Promise<unknown> | undefined;
}

/** See the module. Disposing it aborts all of them. */
export class PendingRequests implements Disposable {
  readonly #pending = new SlotTable<PendingRequest>();
  readonly #watchAfterMs: number;
  readonly #bodyTimeoutMs: number;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param watchAfterMs Older requests are watched for a client that leaves.
   * @param bodyTimeoutMs Requests whose body is not there by then are cut off.
   */
  constructor(watchAfterMs: number, bodyTimeoutMs: number) {
    this.#bodyTimeoutMs = bodyTimeoutMs;
    this.#watchAfterMs = watchAfterMs;
    this.#timer = setInterval(() => this.#watchOld(), watchAfterMs);
  }

  /** Requests at work. */
  get size(): number {
    return this.#pending.size;
  }

  /** Notes a request that begins. */
  begin(request: Request, connection: Connection): PendingRequest {
    connection.active++;
    connection.hasAsked = true;
    const pending: PendingRequest = {
      id: 0,
      request,
      connection,
      startedMs: performance.now(),
      controller: new AbortController(),
      isReading: false,
      isWatched: false,
      isOver: false,
      extension: undefined,
    };
    pending.id = this.#pending.add(pending);
    return pending;
  }

  /** The request is not over before `until` is settled. */
  extend(pending: PendingRequest, until: Promise<unknown>): void {
    pending.extension = until;
  }

  /** Notes that the response has begun, and with it, mostly, that the request is over. */
  end(pending: PendingRequest, nowMs: number): void {
    if (pending.extension === undefined) this.#remove(pending, nowMs);
    else pending.extension.finally(() => this.#remove(pending, performance.now()));
  }

  /** Aborts what is at work. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const { controller } of this.#pending) controller.abort();
  }

  #remove(pending: PendingRequest, nowMs: number): void {
    pending.isOver = true;
    pending.connection.active--;
    pending.connection.quietSinceMs = nowMs;
    this.#pending.take(pending.id);
  }

  #watchOld(): void {
    const nowMs = performance.now();
    for (const pending of this.#pending) {
      if (nowMs - pending.startedMs < this.#watchAfterMs) continue;
      if (pending.isReading && nowMs - pending.startedMs > this.#bodyTimeoutMs) {
        pending.connection.cut();
      }
      if (pending.isWatched) continue;
      pending.isWatched = true;
      pending.request.signal.addEventListener("abort", () => {
        if (!pending.isOver) pending.controller.abort();
      }, { once: true });
    }
  }
}
