/**
 * A listener of key events with what is known of it: whether it is told already, and its gaps.
 *
 * @module
 */

import type { PinionError } from "../../../../errors.ts";
import { OPT_IN_EVENTS } from "../keys/event_table.ts";
import { GapBook } from "./gap_book.ts";
import type { KeyEventListener } from "./key_event_source.ts";

/** See the module. */
export class Listening {
  readonly listener: KeyEventListener;
  readonly gaps = new GapBook();
  readonly #ready = Promise.withResolvers<void>();
  /** The first change of subscriptions that it was part of. */
  #change: number | null = null;

  constructor(listener: KeyEventListener) {
    this.listener = listener;
    this.#ready.promise.catch(() => {}); // nobody may be waiting
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  wants(event: string): boolean {
    const { events } = this.listener;
    return events === null ? !OPT_IN_EVENTS.has(event) : events.has(event);
  }

  asked(change: number): void {
    this.#change ??= change;
  }

  /** Everything up to this change of subscriptions holds now. */
  confirmed(change: number, now: number): void {
    if (this.#change === null || change < this.#change) return;
    this.gaps.close(now);
    this.#ready.resolve();
  }

  fail(reason: PinionError): void {
    this.#ready.reject(reason);
  }
}
