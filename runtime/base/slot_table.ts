/**
 * Values under numbers, for what comes and goes at a high rate.
 *
 * A `Map` that thousands of values a second pass through is rebuilt all the time, and V8 takes its
 * tables for long-lived: they fill the old space. An array whose places are used again does not.
 *
 * @module
 */

/** Places there may be: an id is a place and how often it was used before. */
const MAX_SLOTS = 2 ** 20;

/** See the module. An id is never given twice. */
export class SlotTable<T extends object> implements Iterable<T> {
  readonly #values: (T | undefined)[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];

  /** How many values it holds. */
  get size(): number {
    return this.#values.length - this.#free.length;
  }

  /** Puts a value in; its id, up to 2^53. @throws RangeError where it holds 2^20 values */
  add(value: T): number {
    const slot = this.#free.pop() ?? this.#grow();
    this.#values[slot] = value;
    return this.#uses[slot] * MAX_SLOTS + slot;
  }

  /** Takes a value out; undefined where the id is of none, or of one that is out already. */
  take(id: number): T | undefined {
    const slot = id % MAX_SLOTS;
    if (this.#uses[slot] !== Math.floor(id / MAX_SLOTS)) return undefined;
    const value = this.#values[slot];
    if (value === undefined) return undefined;
    this.#values[slot] = undefined;
    this.#uses[slot]++;
    this.#free.push(slot);
    return value;
  }

  /** A value that stays in. */
  get(id: number): T | undefined {
    const slot = id % MAX_SLOTS;
    return this.#uses[slot] === Math.floor(id / MAX_SLOTS) ? this.#values[slot] : undefined;
  }

  /** All values, in no order. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  #grow(): number {
    if (this.#values.length === MAX_SLOTS) {
      throw new RangeError(`expected at most ${MAX_SLOTS} values`);
    }
    this.#uses.push(0);
    return this.#values.push(undefined) - 1;
  }
}
