/**
 * Keeps the order of what has a key in common: work waits in the lane of each of its keys, and may
 * begin once it is among the first in all of them.
 *
 * @module
 */

/** Work that takes turns. */
export interface LaneWork {
  readonly keys: readonly string[];
  /** Number of its lanes in which it still has to wait. */
  blocked: number;
}

/** Lets work begin in the order of its keys. */
export class Lanes<Work extends LaneWork> {
  readonly #lanes = new Map<string, Work[]>();
  readonly #width: number;

  /** @param width How much work of a lane may be under way. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Puts work at the end of its lanes; whether it may begin at once. */
  enter(work: Work): boolean {
    for (const key of work.keys) {
      const lane = this.#lanes.get(key);
      if (lane === undefined) this.#lanes.set(key, [work]);
      else if (lane.push(work) > this.#width) work.blocked++;
    }
    return work.blocked === 0;
  }

  /** Takes finished work out; calls back with each that may begin now. */
  leave(work: Work, onFree: (work: Work) => void): void {
    for (const key of work.keys) {
      const lane = this.#lanes.get(key)!;
      lane.splice(lane.indexOf(work), 1);
      if (lane.length === 0) this.#lanes.delete(key);
      else if (lane.length >= this.#width) {
        const next = lane[this.#width - 1];
        if (--next.blocked === 0) onFree(next);
      }
    }
  }
}
