/**
 * Lets the deliveries of a library run side by side, and one that may kill the isolate by itself.
 *
 * When an isolate dies, every execution that was under way may be the reason. Each of them is run
 * again with nothing beside it: the one that dies alone is the culprit.
 *
 * @module
 */

/** A delivery that waits for its turn. */
interface Waiting {
  readonly isAlone: boolean;
  readonly enter: () => void;
}

/** One for each library. Turns are given in the order of asking. */
export class SuspectGate {
  #inside = 0;
  #isAlone = false;
  readonly #waiting: Waiting[] = [];

  /** Resolves when it may run; what it resolves to ends its turn. */
  async enter(isAlone: boolean): Promise<Disposable> {
    if (this.#waiting.length > 0 || !this.#hasRoom(isAlone)) {
      await new Promise<void>((resolve) => this.#waiting.push({ isAlone, enter: resolve }));
    } else this.#take(isAlone);
    return { [Symbol.dispose]: () => this.#leave() };
  }

  #hasRoom(isAlone: boolean): boolean {
    return this.#inside === 0 || (!isAlone && !this.#isAlone);
  }

  #take(isAlone: boolean): void {
    this.#inside++;
    this.#isAlone = isAlone;
  }

  #leave(): void {
    this.#inside--;
    if (this.#inside === 0) this.#isAlone = false;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0].isAlone)) {
      const { isAlone, enter } = this.#waiting.shift()!;
      this.#take(isAlone);
      enter();
    }
  }
}
