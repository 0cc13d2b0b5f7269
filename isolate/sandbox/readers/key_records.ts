/**
 * Events of keys as records: with type and value as they are when the delivery came.
 *
 * Source: RedisGears 1.2 KeysReader (reference 2.1).
 * Differs: all keys of a delivery are read together, before its first execution; events after which
 * there is no value (`del`, `expired`, `evicted`, `keymiss`) have type `empty` without a look, also
 * where the key has been written again.
 *
 * @module
 */

import type { KeysTrigger, KeyType } from "../../../contract/plan/registration.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import { type FoundKey, readListedKeys } from "./listed_keys.ts";
import type { EventRecords } from "./event_records.ts";

type KeysPayload = Extract<EventPayload, { kind: "keys" }>;

const EMPTY_EVENTS: ReadonlySet<string> = new Set(["del", "expired", "evicted", "keymiss"]);
const EMPTY: FoundKey = { type: "empty", value: null };

const textDecoder = new TextDecoder();
const decode = textDecoder.decode.bind(textDecoder);

/** Makes records of key events. */
export class KeyRecords implements EventRecords {
  readonly count: number;
  readonly commonKey = null;
  readonly #payload: KeysPayload;
  readonly #readValue: boolean;
  readonly #keyTypes: ReadonlySet<KeyType> | null;
  /** Types and values of the keys, by index; null where nobody needs them. */
  #found: readonly FoundKey[] | null = null;
  #error: unknown;

  constructor(payload: KeysPayload, { readValue, keyTypes }: KeysTrigger) {
    this.#payload = payload;
    this.#readValue = readValue;
    this.#keyTypes = keyTypes === null ? null : new Set(keyTypes);
    this.count = payload.keys.length;
  }

  keyAt(index: number): string {
    const key = this.#payload.keys[index];
    return typeof key === "string" ? key : `\0${key.toHex()}`;
  }

  preview(from: number, to: number): unknown[] {
    const records: unknown[] = [];
    for (let index = from; index < to; index++) records.push(this.#head(index));
    return records;
  }

  prepare(): Promise<void> | null {
    if (!this.#readValue && this.#keyTypes === null) return null;
    return this.#read().catch((error) => void (this.#error = error));
  }

  read(from: number, to: number): unknown[] {
    if (this.#error !== undefined) throw this.#error;
    if (this.#found === null) return this.preview(from, to);
    const records: unknown[] = [];
    for (let index = from; index < to; index++) {
      const { type, value } = this.#found[index];
      if (this.#keyTypes !== null && !this.#keyTypes.has(type)) continue;
      const { key, event } = this.#head(index);
      records.push(this.#readValue ? { key, event, type, value } : { key, event });
    }
    return records;
  }

  #head(index: number): { key: string; event: string } {
    const { keys, events } = this.#payload;
    const key = keys[index];
    return { key: typeof key === "string" ? key : decode(key), event: events[index] };
  }

  async #read(): Promise<void> {
    const { keys, events } = this.#payload;
    const found: FoundKey[] = new Array(this.count).fill(EMPTY);
    const places: number[] = [];
    for (let index = 0; index < this.count; index++) {
      if (!EMPTY_EVENTS.has(events[index])) places.push(index);
    }
    if (places.length > 0) {
      const asked = places.length === this.count ? keys : places.map((at) => keys[at]);
      const answers = await readListedKeys(asked, this.#readValue);
      for (let index = 0; index < places.length; index++) {
        found[places[index]] = answers[index] ?? EMPTY;
      }
    }
    this.#found = found;
  }
}
