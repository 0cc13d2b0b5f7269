/**
 * What ends the serving of a connection: the part of an `AbortSignal` that Deno's server uses.
 *
 * Its listener throws where the connection has ended by itself a moment ago. Of a real signal that
 * would be an error that nobody can catch, and the end of the process.
 *
 * @module
 */

/** See the module. */
export class CutSignal implements Pick<AbortSignal, "aborted"> {
  #listeners: (() => void)[] = [];
  #isCut = false;

  /** Whether it has ended the connection. */
  get aborted(): boolean {
    return this.#isCut;
  }

  /** Called by the server. */
  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Called by the server. */
  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  /** Ends the connection, if it has not ended yet. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const listener of this.#listeners.splice(0)) {
      try {
        listener();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
  }
}
