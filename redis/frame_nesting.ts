/**
 * Counts the values of nested RESP aggregates, to tell when a whole frame has come.
 *
 * Pure: runs in the sandbox.
 *
 * @module
 */

import { badFrame } from "./resp_frame.ts";

/** Values that are still to come, of the innermost aggregate and those around it. */
export class FrameNesting {
  readonly #maxDepth: number;
  /** Values still to come in the innermost open aggregate, or 1 between aggregates. */
  #remaining = 1;
  /** Elements still to come of the outer frames, the outermost first. */
  readonly #outer: number[] = [];
  #depth = 0;
  /** True if an attribute came, but not yet the frame that it belongs to. */
  #hasAttribute = false;

  /** @param maxDepth Deepest nesting that is taken. */
  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Tells whether no aggregate is open. */
  get isFlat(): boolean {
    return this.#depth === 0;
  }

  /** Tells whether no frame is begun. An attribute begins a frame. */
  get isEmpty(): boolean {
    return this.#remaining === 1 && this.#depth === 0 && !this.#hasAttribute;
  }

  /** Takes a value, or the header of an aggregate. Tells whether a frame ends with it. */
  complete(): boolean {
    if (--this.#remaining > 0) return false;
    while (this.#remaining === 0 && this.#depth > 0) {
      this.#remaining = this.#outer[--this.#depth] - 1;
    }
    if (this.#remaining > 0) return false;
    this.#remaining = 1;
    this.#hasAttribute = false;
    return true;
  }

  /**
   * Begins an aggregate. The header itself counts as one value, which {@linkcode complete} takes
   * off.
   *
   * @throws {PinionError} `BAD_FRAME`
   */
  open(values: number): void {
    if (values === 0) return;
    checkAtMost(this.#depth + 1, this.#maxDepth, "nested aggregates");
    this.#outer[this.#depth++] = this.#remaining;
    this.#remaining = values + 1;
  }

  /** Begins an attribute, whose values come before the value that it belongs to. @throws as `open` */
  openAttribute(values: number): void {
    this.#hasAttribute ||= this.#depth === 0;
    this.#remaining += values + 1;
    checkAtMost(this.#remaining, Number.MAX_SAFE_INTEGER, "values in attributes");
  }
}

/** Refuses what is more than a limit. @throws {PinionError} `BAD_FRAME` */
export function checkAtMost(got: number, limit: number, what: string): void {
  if (got > limit) throw badFrame(`at most ${limit} ${what}`, String(got));
}
