/**
 * A timer that belongs to a scope.
 *
 * @module
 */

/** Calls back after `timeoutMs` unless it was disposed before. */
export class Deadline implements Disposable {
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(timeoutMs: number, onExpired: () => void) {
    this.#timer = setTimeout(onExpired, timeoutMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
