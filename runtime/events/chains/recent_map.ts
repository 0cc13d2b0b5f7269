/**
 * What was said last, by names that strangers choose: bounded in number and in the length of the
 * names; what was said longest ago is forgotten.
 *
 * @module
 */

/** See the module. */
export class RecentMap<T> {
  readonly #values = new Map<string, T>();
  readonly #bounds: { readonly entries: number; readonly chars: number };
  #chars = 0;

  /** @param bounds Names, and the characters that they may have together. */
  constructor(bounds: { readonly entries: number; readonly chars: number }) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#values.size;
  }

  get(name: string): T | undefined {
    return this.#values.get(name);
  }

  /** Remembers it as the last one. A name that is longer than all of them may be is not remembered. */
  set(name: string, value: T): void {
    this.delete(name);
    const { entries, chars } = this.#bounds;
    if (name.length > chars) return;
    this.#values.set(name, value);
    this.#chars += name.length;
    while (this.#values.size > entries || this.#chars > chars) {
      this.delete(this.#values.keys().next().value!);
    }
  }

  delete(name: string): void {
    if (this.#values.delete(name)) this.#chars -= name.length;
  }

  /** The one that was said longest ago first. */
  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#values[Symbol.iterator]();
  }
}
