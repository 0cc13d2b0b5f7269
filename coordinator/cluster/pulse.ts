/**
 * Does something again and again, one at a time, until it is stopped.
 *
 * @module
 */

import { delay } from "@std/async";

/** Repeats an action with a pause between two runs. */
export class Repeater implements AsyncDisposable {
  readonly #work: () => Promise<void>;
  readonly #pauseMs: () => number;
  readonly #stopped = new AbortController();
  /** Ends the pause that is under way. */
  #pausing = new AbortController();
  #isDue = false;
  #loop: Promise<void> = Promise.resolve();

  /**
   * @param work Handles its own failures.
   * @param pauseMs Asked after each round how long to wait for the next.
   */
  constructor(work: () => Promise<void>, pauseMs: () => number) {
    this.#work = work;
    this.#pauseMs = pauseMs;
  }

  /** Does it for the first time; goes on by itself after that. */
  async start(): Promise<void> {
    await this.#work();
    this.#loop = this.#run();
  }

  /** The next round begins at once, or when the one that is under way has ended. */
  wake(): void {
    this.#isDue = true;
    this.#pausing.abort();
  }

  /** No round begins any more; resolves when the last one has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    this.#pausing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (true) {
      await this.#pause();
      if (this.#stopped.signal.aborted) return;
      this.#isDue = false;
      await this.#work();
    }
  }

  async #pause(): Promise<void> {
    if (this.#isDue || this.#stopped.signal.aborted) return;
    this.#pausing = new AbortController();
    // It rejects where it was cut short.
    await delay(this.#pauseMs(), { signal: this.#pausing.signal }).catch(() => {});
  }
}
