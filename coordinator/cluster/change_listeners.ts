/**
 * Listeners to a state that is made anew often and is a new one seldom.
 *
 * @module
 */

/** Calls listeners when a state is another one than they were told last. */
export class ChangeListeners {
  readonly #listeners = new Set<() => void>();
  /** State that listeners were told last, as JSON. */
  #told = "";

  /** Calls back after each change. Gives a function that ends the calls. */
  add(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => this.#listeners.delete(callback);
  }

  /** Tells them if anything is new. The state is compared as JSON. */
  tell(state: unknown): void {
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    for (const listener of this.#listeners) listener();
  }
}
