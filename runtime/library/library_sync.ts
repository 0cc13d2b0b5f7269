/**
 * Takes over libraries as they are stored in Redis.
 *
 * @module
 */

import type { LogBook } from "../base/log_book.ts";
import type { EndOptions } from "../events/source/registration_port.ts";
import type { LibrarySet } from "./library_set.ts";
import type { LibraryStore } from "./store/library_store.ts";

/** Reads stored libraries into the set of this shard. */
export class LibrarySync {
  readonly #set: LibrarySet;
  readonly #store: LibraryStore;
  readonly #logs: LogBook;

  constructor(set: LibrarySet, store: LibraryStore, logs: LogBook) {
    this.#set = set;
    this.#store = store;
    this.#logs = logs;
  }

  /** Adds the libraries that are stored and not there yet. */
  async restore(): Promise<void> {
    const { libraries } = await this.#loadAll();
    for (const library of libraries) {
      if (!this.#set.has(library.name)) this.#set.follow(library.name, library);
    }
  }

  /** Takes over the state of all libraries. One that cannot be read stays as it is. */
  async syncAll(): Promise<void> {
    const { libraries, unreadable } = await this.#readUndisturbed(() => this.#loadAll());
    for (const library of libraries) this.#set.follow(library.name, library);
    const names = new Set([...libraries.map(({ name }) => name), ...unreadable]);
    for (const name of this.#set.names) if (!names.has(name)) this.#set.follow(name, null);
  }

  /** Takes over the state of one library. */
  async sync(name: string, options?: EndOptions): Promise<void> {
    const stored = await this.#readUndisturbed(() => this.#store.load(name));
    this.#set.follow(name, stored, options);
  }

  async #loadAll() {
    const unreadable: string[] = [];
    const libraries = await this.#store.loadAll((name, error) => {
      unreadable.push(name);
      this.#logs.addFailure(`Cannot read library ${name}`, error);
    });
    return { libraries, unreadable };
  }

  /** Reads again where something was changed here meanwhile. */
  async #readUndisturbed<T>(read: () => Promise<T>): Promise<T> {
    while (true) {
      const { changes } = this.#set;
      const value = await read();
      if (changes === this.#set.changes) return value;
    }
  }
}
