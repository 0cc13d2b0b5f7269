/**
 * Batches that arrive at a stage from the shuffle before it: batches of other shards, encoded, and
 * this shard's own.
 *
 * Each sender's batches come in its order. A batch that was taken lets its sender send on, so as
 * much waits here as the senders' windows hold.
 *
 * @module
 */

import { chargeOf } from "../../../contract/isolate/messages/message_limits.ts";
import { decodeWire } from "../../../contract/isolate/wire.ts";
import type { Batch } from "../base/batch.ts";

/** Own batches that may wait. */
const MAX_OWN_WAITING = 4;

/** A batch that waits; `source` is null for this shard's own. */
type Waiting =
  | { readonly source: null; readonly batch: Batch }
  | { readonly source: number; readonly bytes: Uint8Array };

/** Receives batches and hands them to a stage. */
export class ShuffleInbox {
  readonly #senders: Set<number>;
  readonly #took: (source: number, bytes: number) => void;
  #waiting: Waiting[] = [];
  #own = 0;
  #current: Waiting | null = null;
  #wake: () => void = () => {};
  #wakeOwn: (() => void)[] = [];
  #isClosed = false;
  /** Records that were taken so far. */
  records = 0;

  /** @param took Called when a batch of another shard has gone into the stage. */
  constructor(senders: readonly number[], took: (source: number, bytes: number) => void) {
    this.#senders = new Set(senders);
    this.#took = took;
  }

  /** A batch of another shard came. */
  add(source: number, bytes: Uint8Array): void {
    if (this.#isClosed) return this.#took(source, chargeOf(bytes));
    this.#waiting.push({ source, bytes });
    this.#wake();
  }

  /** Takes a batch of this shard; the promise, if any, resolves when there is room for more. */
  addOwn(batch: Batch): void | Promise<void> {
    if (this.#isClosed) return;
    this.#waiting.push({ source: null, batch });
    this.#wake();
    if (++this.#own >= MAX_OWN_WAITING) {
      return new Promise((resolve) => this.#wakeOwn.push(resolve));
    }
  }

  /** A sender has nothing more. */
  end(source: number): void {
    this.#senders.delete(source);
    this.#wake();
  }

  /** The next batch; null when every sender is done. Asking says that the one before was taken. */
  async next(): Promise<Batch | null> {
    this.#settle();
    while (this.#waiting.length === 0) {
      if (this.#isClosed || this.#senders.size === 0) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const next = this.#current = this.#waiting.shift()!;
    const batch = next.source === null ? next.batch : decodeBatch(next.bytes);
    this.records += batch.records.length;
    return batch;
  }

  /** Drops what waits and what comes. */
  close(): void {
    this.#isClosed = true;
    const dropped = this.#waiting;
    this.#waiting = [];
    for (const one of dropped) if (one.source !== null) this.#took(one.source, chargeOf(one.bytes));
    this.#settle();
    this.#wakeAll();
    this.#wake();
  }

  #settle(): void {
    const done = this.#current;
    this.#current = null;
    if (done === null) return;
    if (done.source !== null) this.#took(done.source, chargeOf(done.bytes));
    else if (--this.#own < MAX_OWN_WAITING) this.#wakeAll();
  }

  #wakeAll(): void {
    const waiters = this.#wakeOwn;
    this.#wakeOwn = [];
    for (const wake of waiters) wake();
  }
}

/** Opens a batch of another shard. @throws TypeError where it is none */
function decodeBatch(bytes: Uint8Array): Batch {
  const batch = decodeWire(bytes);
  const [records, keys] = Array.isArray(batch) ? batch : [];
  if (!Array.isArray(records) || (keys !== null && !Array.isArray(keys))) {
    throw new TypeError("expected a batch of records");
  }
  return { records, keys };
}
