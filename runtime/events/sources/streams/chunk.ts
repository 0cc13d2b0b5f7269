/**
 * Messages that a registration has read together and answers for.
 *
 * @module
 */

import type { EventPayload } from "../../../../contract/isolate/messages/events.ts";
import type { Chains } from "../../chains/chains.ts";
import type { DeadEvent, EventList } from "../../source/event_list.ts";
import type { Acknowledger } from "./acknowledger.ts";
import type { Entries } from "./entries.ts";

/** Messages that were read together. What is over is acknowledged. */
export class Chunk implements EventList {
  readonly #key: string;
  readonly #entries: Entries;
  readonly #acknowledger: Acknowledger;
  #depths: readonly number[] | undefined;

  constructor(key: string, entries: Entries, acknowledger: Acknowledger) {
    this.#key = key;
    this.#entries = entries;
    this.#acknowledger = acknowledger;
  }

  get count(): number {
    return this.#entries.count;
  }

  /** Id of the first message. */
  get firstId(): string {
    return this.#entries.id(0);
  }

  payload(from: number, to: number): EventPayload {
    const { bytes, count } = this.#entries.slice(from, to);
    return { kind: "stream", key: this.#key, count, entries: bytes };
  }

  depths(from: number, to: number): readonly number[] | undefined {
    return this.#depths?.slice(from, to);
  }

  /** Looks up which of its messages registrations have added. */
  findDepths(chains: Chains): void {
    const { count } = this.#entries;
    this.#depths = chains.depthsOf(this.#key, count, (place) => this.#entries.id(place));
  }

  happenedAt(place: number): number {
    return this.#entries.addedAt(place);
  }

  settle(places: readonly number[]): void {
    this.#acknowledger.add(this.#entries, places);
  }

  deadEvent(place: number): DeadEvent {
    return {
      key: this.#key,
      eventId: this.#entries.id(place),
      payload: this.payload(place, place + 1),
    };
  }
}
