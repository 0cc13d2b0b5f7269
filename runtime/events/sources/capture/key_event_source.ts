/**
 * Interfaces between the capture of key events and the registrations that they fire.
 *
 * One source serves all KeysReader registrations of a shard. `notifications.ts` implements it with
 * keyspace notifications; a source that loses nothing can take its place.
 *
 * @module
 */

import type { KeyName } from "../../../../contract/isolate/key_name.ts";

/** Which events a listener is told of. */
export interface KeyEventInterest {
  /** `person:*` for all keys that begin so; without the star at the end one key. */
  readonly prefix: string;
  /**
   * Names, lower case; null for all but those that have to be named ({@linkcode OPT_IN_EVENTS}).
   */
  readonly events: ReadonlySet<string> | null;
}

/** Listener to key events. */
export interface KeyEventListener extends KeyEventInterest {
  /**
   * An event, in the order of events of the shard. Must neither throw nor wait.
   *
   * @param depth How many registrations' writes led to it; 0 where none did.
   */
  onKeyEvent(key: KeyName, event: string, depth: number): void;
}

/** A time without events: those that happened in it are lost. */
export interface CaptureGaps {
  readonly count: number;
  /** All of them together. */
  readonly totalMs: number;
}

/** A listener that is being told. */
export interface KeyEventSubscription {
  /** Resolves when events that happen from then on are told. @throws why that cannot be */
  readonly ready: Promise<void>;
  /** Gaps since it began. */
  readonly gaps: CaptureGaps;
  /** Tells it no more, at once. Resolves when nothing is left that was there for it alone. */
  end(): Promise<void>;
}

/** Source of a shard's key events. */
export interface KeyEventSource {
  /** Kind of the source and its promise, for people. */
  readonly description: string;
  /** Reason why no events come now, if so: a sentence for people. */
  readonly outage: string | null;
  /**
   * Makes sure that the server gives such events.
   *
   * @throws `REDIS_REFUSED` why it does not, `REDIS_UNAVAILABLE`
   */
  check(interest: KeyEventInterest): Promise<void>;
  /** Tells a listener, once the promise of its subscription says so. */
  listen(listener: KeyEventListener): KeyEventSubscription;
}
