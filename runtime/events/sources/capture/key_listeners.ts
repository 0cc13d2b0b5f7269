/**
 * The listeners to key events of a shard, found by the prefix of a key.
 *
 * @module
 */

import type { ListenPattern } from "../../../../contract/isolate/messages/chain.ts";
import type { PinionError } from "../../../../errors.ts";
import { coverPatterns, parsePrefix } from "../../source/covering_patterns.ts";
import { classesOf } from "./event_table.ts";
import type { KeyEventListener } from "./key_event_source.ts";
import { KeySubscription } from "./key_subscription.ts";
import { PrefixIndex } from "./prefix_index.ts";

/** Keeps subscriptions, and tells all of them what happens to their connection. */
export class KeyListeners {
  readonly #subscriptions = new Set<KeySubscription>();
  #index = new PrefixIndex<KeySubscription>([]);

  get size(): number {
    return this.#subscriptions.size;
  }

  add(listener: KeyEventListener): KeySubscription {
    const subscription = new KeySubscription(listener);
    this.#subscriptions.add(subscription);
    this.#reindex();
    return subscription;
  }

  /** Removes a subscription. @returns false where it is not there any more */
  delete(subscription: KeySubscription): boolean {
    if (!this.#subscriptions.delete(subscription)) return false;
    this.#reindex();
    return true;
  }

  /** Lists the keys that somebody listens to. */
  patterns(): ListenPattern[] {
    const prefixes = Array.from(this.#subscriptions, ({ listener }) => listener.prefix);
    return coverPatterns(prefixes.map(parsePrefix));
  }

  /** Classes of notifications that the events need: letters of `notify-keyspace-events`. */
  classes(): string {
    const classes = Array.from(this.#subscriptions, ({ listener }) => classesOf(listener.events));
    return [...new Set(classes.join(""))].sort().join("");
  }

  /** Hands an event to each listener that wants it. */
  tell(name: string, event: string, hand: (listener: KeyEventListener) => void): void {
    this.#index.find(name, (subscription) => {
      if (subscription.wants(event)) hand(subscription.listener);
    });
  }

  /** Notes that a change of subscriptions was asked for. */
  asked(change: number): void {
    for (const subscription of this.#subscriptions) subscription.asked(change);
  }

  /** Notes that everything up to a change of subscriptions holds. */
  confirmed(change: number, now: number): void {
    for (const subscription of this.#subscriptions) subscription.confirmed(change, now);
  }

  /** Rejects everyone who waits for events to be taken. */
  fail(reason: PinionError): void {
    for (const subscription of this.#subscriptions) subscription.fail(reason);
  }

  /** Begins a time without events. */
  openGap(now: number): void {
    for (const { gaps } of this.#subscriptions) gaps.open(now);
  }

  /** Counts a time without events that is over. */
  addGap(durationMs: number): void {
    for (const { gaps } of this.#subscriptions) gaps.add(durationMs);
  }

  #reindex(): void {
    this.#index = new PrefixIndex(
      Array.from(this.#subscriptions, (one) => [one.listener.prefix, one] as const),
    );
  }
}
