/**
 * Sends the records of a stage to the shards that they belong to, in encoded batches.
 *
 * To each shard at most a window of bytes is on its way; whoever gives more records waits. A record
 * that cannot be encoded is left out: all of them together are one error of this shard.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import {
  chargeOf,
  MAX_SHUFFLE_BYTES,
  SHUFFLE_BATCH_BYTES,
} from "../../../contract/isolate/messages/message_limits.ts";
import { encodeWire } from "../../../contract/isolate/wire.ts";
import type { Batch } from "../base/batch.ts";
import { explainUnencodable } from "./unencodable.ts";
import type { TargetOf } from "./placement.ts";

/** Records that are placed before anybody looks whether there is room for more. */
const SLICE_RECORDS = 1_000;
/** Records of the first batch, before it is known how large they are. */
const FIRST_RECORDS = 250;
/** Records that a batch has at most. */
const MAX_RECORDS = 10_000;

/** The part of its shard that an outbox needs. */
export interface OutboxDeps {
  readonly shards: number;
  readonly self: number;
  readonly windowBytes: number;
  readonly targetOf: TargetOf;
  /** True if records take their keys along. */
  readonly keepsKeys: boolean;
  /** Takes what stays on this shard. */
  keep(batch: Batch): void | Promise<void>;
  send(target: number, bytes: Uint8Array): void;
  fail(error: GearsError): void;
}

/** Records for one shard. */
class Lane {
  records: unknown[] = [];
  keys: string[] = [];
  /** Bytes that are on their way. */
  sentBytes = 0;
}

/** Encodes records and sends them to their shards. */
export class ShuffleOutbox {
  readonly #deps: OutboxDeps;
  readonly #lanes: readonly Lane[];
  /** Records that make a batch of about the right size. */
  #batchRecords = FIRST_RECORDS;
  #lost = 0;
  #firstLoss: GearsError | undefined;
  #isClosed = false;
  #waiters: (() => void)[] = [];
  /** Records that were taken so far. */
  records = 0;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#lanes = Array.from({ length: deps.shards }, () => new Lane());
  }

  /** Takes a batch; the promise, if any, resolves when all of it has found room. */
  take(batch: Batch): void | Promise<void> {
    this.records += batch.records.length;
    for (let from = 0; from < batch.records.length; from += SLICE_RECORDS) {
      const room = this.#takeSlice(batch, from);
      if (room !== undefined) return this.#takeRest(batch, from + SLICE_RECORDS, room);
    }
  }

  /** Gives back room: so many bytes have gone on from there. */
  credit(target: number, bytes: number): void {
    const lane = this.#lanes[target];
    if (lane === undefined) return;
    lane.sentBytes -= bytes;
    this.#sendFull(target, this.#batchRecords);
    this.#wakeAll();
  }

  /** Sends what is left; resolves when all of it has been sent. */
  async end(): Promise<void> {
    while (!this.#isClosed) {
      for (const target of this.#lanes.keys()) this.#sendFull(target, 1);
      if (this.#lanes.every((lane) => lane.records.length === 0)) break;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#firstLoss === undefined || this.#isClosed) return;
    const more = this.#lost === 1 ? "" : ` (and ${this.#lost - 1} more)`;
    this.#deps.fail(new GearsError(`${this.#firstLoss.message}${more}`));
  }

  /** Drops what waits: nobody wants it any more. */
  close(): void {
    this.#isClosed = true;
    this.#wakeAll();
  }

  async #takeRest(batch: Batch, from: number, room: Promise<void>): Promise<void> {
    await room;
    for (let at = from; at < batch.records.length && !this.#isClosed; at += SLICE_RECORDS) {
      await this.#takeSlice(batch, at);
    }
  }

  #takeSlice(batch: Batch, from: number): void | Promise<void> {
    if (this.#isClosed) return;
    const { self, targetOf } = this.#deps;
    const { records, keys } = batch;
    const lanes = this.#lanes;
    const end = Math.min(records.length, from + SLICE_RECORDS);
    for (let index = from; index < end; index++) {
      const key = keys === null ? "" : keys[index];
      const lane = lanes[targetOf(key)];
      lane.records.push(records[index]);
      lane.keys.push(key);
    }
    const own = lanes[self];
    let room: void | Promise<void> = undefined;
    if (own.records.length > 0) {
      room = this.#deps.keep({ records: own.records, keys: keys === null ? null : own.keys });
      own.records = [];
      own.keys = [];
    }
    for (const target of lanes.keys()) this.#sendFull(target, this.#batchRecords);
    return this.#hasRoom() ? room : this.#waitForRoom(room);
  }

  #hasRoom(): boolean {
    return this.#lanes.every((lane) => lane.records.length < this.#batchRecords);
  }

  async #waitForRoom(room: void | Promise<void>): Promise<void> {
    await room;
    while (!this.#isClosed && !this.#hasRoom()) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Sends batches to `target` while it has `atLeast` records and there is room on the way. */
  #sendFull(target: number, atLeast: number): void {
    const lane = this.#lanes[target];
    let sent = 0;
    while (
      lane.records.length - sent >= atLeast && lane.sentBytes < this.#deps.windowBytes &&
      !this.#isClosed
    ) {
      const count = Math.min(this.#batchRecords, lane.records.length - sent);
      this.#send(
        target,
        lane.records.slice(sent, sent + count),
        lane.keys.slice(sent, sent + count),
      );
      sent += count;
      if (sent === lane.records.length) break;
    }
    if (sent === 0) return;
    lane.records = lane.records.slice(sent);
    lane.keys = lane.keys.slice(sent);
  }

  /** Sends records in batches of a bounded size; counts what cannot be sent. */
  #send(target: number, records: unknown[], keys: string[]): void {
    const bytes = this.#encode(records, keys);
    if (bytes instanceof Uint8Array && bytes.byteLength <= MAX_SHUFFLE_BYTES) {
      const perRecord = bytes.byteLength / records.length;
      const fitting = Math.ceil(SHUFFLE_BATCH_BYTES / perRecord);
      this.#batchRecords = Math.min(MAX_RECORDS, Math.max(1, fitting));
      this.#lanes[target].sentBytes += chargeOf(bytes);
      return this.#deps.send(target, bytes);
    }
    if (records.length > 1) {
      const middle = records.length >> 1;
      this.#send(target, records.slice(0, middle), keys.slice(0, middle));
      return this.#send(target, records.slice(middle), keys.slice(middle));
    }
    this.#lost++;
    this.#firstLoss ??= bytes instanceof Uint8Array
      ? new GearsError(
        `Cannot send a record to another shard: it has ${bytes.byteLength} bytes, the limit is ${MAX_SHUFFLE_BYTES}`,
      )
      : bytes;
  }

  #encode(records: unknown[], keys: string[]): Uint8Array | GearsError {
    try {
      return encodeWire([records, this.#deps.keepsKeys ? keys : null]);
    } catch (error) {
      return explainUnencodable("Cannot send a record to another shard", error);
    }
  }

  #wakeAll(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
