/**
 * A table of texts, for steps that look up the key of every record.
 *
 * A `Map` hashes each text by a call out of compiled code, which for a text that was just cut out
 * of another one costs four times what this table needs for the whole look-up. Here short keys are
 * hashed in the same loop and found by linear probing. What a bounded probe does not find room for
 * (long keys, keys that were chosen to collide) is kept in a `Map` after all.
 *
 * @module
 */

import { uncurryThis } from "../../../redis/intrinsics.ts";

const charCodeAt = uncurryThis(
  String.prototype.charCodeAt as (this: string, index: number) => number,
);
const { imul } = Math;

/** Longest key that is hashed here, in UTF-16 units. */
const MAX_HASHED = 32;
/** Places that a look-up tries. */
const MAX_PROBES = 16;
/** Places of an empty table; a power of two. */
const FIRST_CAPACITY = 1_024;

/** A key with its value. */
export interface KeyEntry<V> {
  readonly key: string;
  readonly hash: number;
  value: V;
}

/** Finds the entry of a text key. A key that is in stays in. */
export class KeyTable<V> {
  /** Entries in the order in which they were added. */
  readonly #entries: KeyEntry<V>[] = [];
  readonly #initial: V;
  #places = makePlaces<V>(FIRST_CAPACITY);
  #placed = 0;
  #others = new Map<string, KeyEntry<V>>();

  /** @param initial Value of a key that is new. */
  constructor(initial: V) {
    this.#initial = initial;
  }

  /** All entries, in the order in which their keys were first looked up. */
  get entries(): readonly KeyEntry<V>[] {
    return this.#entries;
  }

  /** The entry of `key`, which is added if it is new. */
  entry(key: string): KeyEntry<V> {
    const { length } = key;
    if (length > MAX_HASHED) return this.#other(key, 0);
    // FNV-1a over UTF-16 units.
    let hash = length;
    for (let index = 0; index < length; index++) {
      hash = imul(hash ^ charCodeAt(key, index), 0x01000193);
    }
    hash ^= hash >>> 15;
    const places = this.#places;
    const mask = places.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const found = places[(hash + probe) & mask];
      if (found === undefined) return this.#add(key, hash);
      if (found.hash === hash && found.key === key) return found;
    }
    return this.#other(key, hash);
  }

  #add(key: string, hash: number): KeyEntry<V> {
    const entry = { key, hash, value: this.#initial };
    this.#entries.push(entry);
    if (this.#placed * 2 >= this.#places.length) this.#grow();
    this.#place(entry);
    return entry;
  }

  #other(key: string, hash: number): KeyEntry<V> {
    let entry = this.#others.get(key);
    if (entry === undefined) {
      entry = { key, hash, value: this.#initial };
      this.#entries.push(entry);
      this.#others.set(key, entry);
    }
    return entry;
  }

  /** Puts an entry where a look-up finds it. */
  #place(entry: KeyEntry<V>): void {
    const places = this.#places;
    const mask = places.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const place = (entry.hash + probe) & mask;
      if (places[place] !== undefined) continue;
      places[place] = entry;
      this.#placed++;
      return;
    }
    this.#others.set(entry.key, entry);
  }

  #grow(): void {
    const placed = this.#places.filter((entry) => entry !== undefined);
    const others = [...this.#others.values()].filter(({ key }) => key.length <= MAX_HASHED);
    this.#places = makePlaces(this.#places.length * 2);
    this.#placed = 0;
    for (const { key } of others) this.#others.delete(key);
    for (const entry of placed) this.#place(entry);
    for (const entry of others) this.#place(entry);
  }
}

function makePlaces<V>(capacity: number): (KeyEntry<V> | undefined)[] {
  return new Array<KeyEntry<V> | undefined>(capacity).fill(undefined);
}
