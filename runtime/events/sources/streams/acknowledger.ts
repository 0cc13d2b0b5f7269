/**
 * Acknowledges messages over one connection, as many together as have come up while the ones before
 * were on their way.
 *
 * @module
 */

import type { Entries } from "./entries.ts";
import type { StreamGroup } from "./stream_group.ts";

/** See the module. */
export class Acknowledger {
  readonly #group: StreamGroup;
  readonly #onFailure: (error: unknown) => void;
  #waiting: { readonly entries: Entries; readonly places: readonly number[] }[] = [];
  #flushing: Promise<void> | null = null;

  /** @param onFailure Called once the connection, or the group, is of no more use. */
  constructor(group: StreamGroup, onFailure: (error: unknown) => void) {
    this.#group = group;
    this.#onFailure = onFailure;
  }

  /** These are over. */
  add(entries: Entries, places: readonly number[]): void {
    if (places.length === 0) return;
    this.#waiting.push({ entries, places });
    this.#flushing ??= this.#flush().catch(this.#onFailure).finally(() => this.#flushing = null);
  }

  /** Resolves when all that was added is acknowledged, or cannot be. */
  async drained(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      await Promise.all(
        waiting.map(({ entries, places }) => this.#group.acknowledge(entries, places)),
      );
    }
  }
}
