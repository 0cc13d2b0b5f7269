/**
 * Notices that somebody who should say something from time to time does not.
 *
 * @module
 */

/** Looks within the limit. */
const LOOKS = 5;

/** Watches over several, until it is disposed. */
export class Silence implements Disposable {
  readonly #heardAt = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param limitMs How long each may be silent, in milliseconds.
   * @param onSilence Called with one that was silent for longer, at every look.
   */
  constructor(names: Iterable<string>, limitMs: number, onSilence: (name: string) => void) {
    for (const name of names) this.#heardAt.set(name, performance.now());
    this.#timer = setInterval(() => {
      const before = performance.now() - limitMs;
      for (const [name, heardAt] of this.#heardAt) if (heardAt < before) onSilence(name);
    }, limitMs / LOOKS);
  }

  /** It said something. */
  heard(name: string): void {
    if (this.#heardAt.has(name)) this.#heardAt.set(name, performance.now());
  }

  /** Nothing more is expected of it. */
  leave(name: string): void {
    this.#heardAt.delete(name);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** How often one has to speak that may be silent for `limitMs`. */
export function speakEveryMs(limitMs: number): number {
  return Math.max(1, Math.min(1_000, limitMs / LOOKS));
}
