/**
 * Events that a source has taken and answers for: what is run of them, what is over.
 *
 * @module
 */

import type { EventPayload } from "../../../contract/isolate/messages/events.ts";

/** An event whose registration has given it up. */
export interface DeadEvent {
  /** Origin: the key of its stream, or its own. */
  readonly key: string;
  /** Its id there, such as that of a message. */
  readonly eventId: string;
  /** The event by itself, as it is delivered. */
  readonly payload: EventPayload;
}

/** Events that are run together, each with its outcome. Places count from 0. */
export interface EventList {
  readonly count: number;
  /** The events `from` to `to - 1` as they are delivered. */
  payload(from: number, to: number): EventPayload;
  /** Number of registrations whose writes led to each of them; undefined where none did. */
  depths(from: number, to: number): readonly number[] | undefined;
  /** When the event at a place happened, in milliseconds since 1970. */
  happenedAt(place: number): number;
  /** These are over: nothing is to be done about them any more. */
  settle(places: readonly number[]): void;
  /** The event at a place, for a dead letter. */
  deadEvent(place: number): DeadEvent;
}
