/**
 * Waits for messages of all idle streams of a shard over one connection.
 *
 * A server that stands alone is asked by one blocking XREAD for all of them; in a cluster, where
 * one command may not name keys of several slots, they are asked for together every `POLL_MS`.
 *
 * @module
 */

import { delay } from "@std/async";
import type { RedisLink } from "../../../../redis/link/redis_link.ts";
import { RespDecoder, RespError, type RespValue } from "../../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../../redis/resp_encoder.ts";
import type { StreamLink } from "./stream_link.ts";

/** Time for which the server is asked to wait while streams come and go, in milliseconds. */
const MIN_BLOCK_MS = 10;
/** While they do not. What becomes idle meanwhile is watched that much later. */
const MAX_BLOCK_MS = 160;
/** Pause between two questions in a cluster, in milliseconds. */
const POLL_MS = 15;
/**
 * Streams that are asked for without a pause after each answer; for more it grows in proportion.
 */
const FREE_STREAMS = 50;
const PAUSE_PER_STREAM_MS = 0.02;
/** Pause after the connection broke, in milliseconds. */
const BROKEN_MS = 100;

interface Waiter {
  readonly key: string;
  readonly afterId: string;
  readonly wake: () => void;
}

/** Wakes the readers of idle streams. */
export class StreamWatch implements AsyncDisposable {
  readonly #streams: StreamLink;
  readonly #isClustered: boolean;
  readonly #waiters = new Set<Waiter>();
  #hasChanged = false;
  #loop: Promise<void> | null = null;
  #isClosed = false;

  /** @param streams A connection of its own: it is blocked most of the time. */
  constructor(streams: StreamLink, isClustered: boolean) {
    this.#streams = streams;
    this.#isClustered = isClustered;
  }

  /**
   * Resolves when the stream has a message after `afterId`, may have one, after `timeoutMs`, or
   * when `signal` is aborted. A stream that is not there yet may be waited for.
   */
  async wait(
    key: string,
    { afterId, timeoutMs, signal }: {
      readonly afterId: string;
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter: Waiter = { key, afterId, wake: resolve };
    const timer = setTimeout(resolve, timeoutMs);
    signal.addEventListener("abort", resolve as () => void, { once: true });
    this.#waiters.add(waiter);
    this.#hasChanged = true;
    this.#loop ??= this.#watch().finally(() => this.#loop = null);
    await promise;
    this.#waiters.delete(waiter);
    this.#hasChanged = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", resolve as () => void);
  }

  /** Nobody waits for now: gives the connection up. */
  rest(): void {
    if (this.#waiters.size === 0) this.#streams.rest();
  }

  /** Wakes all that wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { wake } of this.#waiters) wake();
    this.#streams[Symbol.dispose]();
    await this.#loop;
  }

  /** Asks while somebody waits. */
  async #watch(): Promise<void> {
    let blockMs = MIN_BLOCK_MS;
    while (this.#waiters.size > 0 && !this.#isClosed) {
      blockMs = this.#hasChanged ? MIN_BLOCK_MS : Math.min(2 * blockMs, MAX_BLOCK_MS);
      this.#hasChanged = false;
      try {
        const link = await this.#streams.connect();
        await (this.#isClustered ? this.#poll(link) : this.#block(link, blockMs));
        const { size } = this.#waiters;
        if (size > FREE_STREAMS) await sleep(size * PAUSE_PER_STREAM_MS);
      } catch {
        // Who waits finds out why by itself; it is woken by its timeout.
        await sleep(BROKEN_MS);
      }
    }
  }

  async #block(link: RedisLink, blockMs: number): Promise<void> {
    const waiters = [...this.#waiters];
    const encoder = new RespEncoder(256);
    encoder.command([
      ...["XREAD", "COUNT", 1, "BLOCK", blockMs, "STREAMS"],
      ...waiters.map(({ key }) => key),
      ...waiters.map(({ afterId }) => afterId),
    ]);
    const reply = new RespDecoder(await link.request(encoder.take(), 1)).next();
    // One key of another type fails the whole command.
    if (reply instanceof RespError) return await this.#poll(link);
    const keys = new Set((reply as RespValue[][] ?? []).map(([key]) => key));
    for (const { key, wake } of waiters) if (keys.has(key)) wake();
  }

  async #poll(link: RedisLink): Promise<void> {
    const waiters = [...this.#waiters];
    const encoder = new RespEncoder(256);
    for (const { key, afterId } of waiters) {
      encoder.command(["XREAD", "COUNT", 1, "STREAMS", key, afterId]);
    }
    const decoder = new RespDecoder(await link.request(encoder.take(), waiters.length));
    let errors = 0;
    for (const { wake } of waiters) {
      const reply = decoder.next();
      if (reply instanceof RespError) errors++;
      else if (reply !== null) wake();
    }
    await sleep(errors > 0 ? BROKEN_MS : POLL_MS);
  }
}

function sleep(durationMs: number): Promise<void> {
  return delay(durationMs);
}
