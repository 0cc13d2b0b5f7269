/**
 * Finds what was set under the prefixes that a key begins with.
 *
 * Prefixes are sorted, and each knows the longest other one that it begins with: a binary search finds
 * the one nearest to a key, and the chain from there has all that fit. So a key costs about as many
 * comparisons as the number of prefixes has binary digits.
 *
 * @module
 */

import { parsePrefix } from "../../source/covering_patterns.ts";

interface Entry<T> {
  readonly text: string;
  readonly values: readonly T[];
  /** The longest other prefix that this one begins with. */
  readonly outer: Entry<T> | null;
}

/** See the module. */
export class PrefixIndex<T> {
  readonly #prefixes: Entry<T>[] = [];
  readonly #exact = new Map<string, T[]>();

  /** @param items Values by `person:*`, or the name of one key. */
  constructor(items: Iterable<readonly [prefix: string, value: T]>) {
    const byPrefix = new Map<string, T[]>();
    for (const [prefix, value] of items) {
      const { text, isPrefix } = parsePrefix(prefix);
      const group = isPrefix ? byPrefix : this.#exact;
      const values = group.get(text);
      if (values === undefined) group.set(text, [value]);
      else values.push(value);
    }
    const sorted = [...byPrefix].sort(([a], [b]) => a < b ? -1 : 1);
    for (const [text, values] of sorted) {
      let outer = this.#prefixes.at(-1) ?? null;
      while (outer !== null && !text.startsWith(outer.text)) outer = outer.outer;
      this.#prefixes.push({ text, values, outer });
    }
  }

  /** Calls with each value whose prefix fits. */
  find(key: string, visit: (value: T) => void): void {
    const exact = this.#exact.get(key);
    if (exact !== undefined) { for (const value of exact) visit(value); }
    for (let entry = this.#nearest(key); entry !== null; entry = entry.outer) {
      if (key.startsWith(entry.text)) { for (const value of entry.values) visit(value); }
    }
  }

  /** Whether some prefix fits. */
  has(key: string): boolean {
    if (this.#exact.has(key)) return true;
    let entry = this.#nearest(key);
    while (entry !== null && !key.startsWith(entry.text)) entry = entry.outer;
    return entry !== null;
  }

  /** The last prefix that is not after the key in the order of texts. */
  #nearest(key: string): Entry<T> | null {
    const prefixes = this.#prefixes;
    let low = 0;
    let high = prefixes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (prefixes[middle].text <= key) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : prefixes[low - 1];
  }
}
