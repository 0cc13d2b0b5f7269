/**
 * The order of event lists that one registration runs side by side.
 *
 * Lists overlap while nothing fails. Once something of a list is to be run again, it waits until
 * the lists before it are over, and lists that come later do not begin.
 *
 * @module
 */

import type { EventList } from "../source/event_list.ts";

/** Keeps the lists that are run, in their order. */
export class ListTurns {
  readonly #lists = new Map<EventList, PromiseWithResolvers<void>>();
  /** Lists of which something is to be run again. */
  readonly #stumbled = new Set<EventList>();

  /** Adds a list, and waits for its turn where one before it has stumbled. */
  async enter(list: EventList): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#lists.set(list, turn);
    if (this.#stumbled.size > 0) await turn.promise;
  }

  /** Removes a list, and gives the turn to the next one. */
  leave(list: EventList): void {
    this.#lists.delete(list);
    this.#stumbled.delete(list);
    this.#lists.values().next().value?.resolve();
  }

  /** Tells whether all lists before this one are over. */
  isFirst(list: EventList): boolean {
    return this.#lists.keys().next().value === list;
  }

  /** Notes that something of a list is to be run again. Resolves when those before it are over. */
  async stumble(list: EventList): Promise<void> {
    this.#stumbled.add(list);
    if (!this.isFirst(list)) await this.#lists.get(list)!.promise;
  }
}
