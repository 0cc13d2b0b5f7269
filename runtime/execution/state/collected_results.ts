/**
 * Results of an execution, those of other shards included.
 *
 * @module
 */

/** Keeps results by the shard that they come from. */
export class CollectedResults {
  readonly #own: unknown[] = [];
  /** Results of other shards, by their numbers. */
  readonly #remote = new Map<number, unknown[]>();
  #byteLength = 0;

  /** Encoded bytes so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  get count(): number {
    let count = this.#own.length;
    for (const list of this.#remote.values()) count += list.length;
    return count;
  }

  /** @param source Number of the shard that they come from; absent for this one. */
  add(records: readonly unknown[], byteLength: number, source?: number): void {
    let list = this.#own;
    if (source !== undefined) {
      list = this.#remote.get(source) ?? [];
      this.#remote.set(source, list);
    }
    for (const record of records) list.push(record);
    this.#byteLength += byteLength;
  }

  /** Lists this shard's first, then the others' in the order of their numbers. */
  all(): unknown[] {
    if (this.#remote.size === 0) return this.#own;
    const remote = [...this.#remote].sort(([a], [b]) => a - b);
    return [this.#own, ...remote.map(([, list]) => list)].flat();
  }
}
