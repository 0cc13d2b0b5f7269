/**
 * What is shown of events that registrations have given up.
 *
 * @module
 */

import type { LetterRecord } from "../../runtime/events/dead_letters/letter_record.ts";

/** One registration's letters: its library and its name within it. */
export interface QueueName {
  readonly library: string;
  readonly registration: string;
}

/** A registration that has dead letters. */
export interface DeadLetterQueue {
  readonly library: string;
  /** Name of the registration. */
  readonly registration: string;
  readonly letters: number;
}

/** An event that was given up. */
export interface DeadLetter extends LetterRecord {
  /** Of the letter: `<ms>-<seq>`, ms is when it was given up. */
  readonly id: string;
  /** Where the event came from, such as the key of its stream. */
  readonly key: string;
  /** Its id there. */
  readonly eventId: string;
  /** Why it failed the last time. */
  readonly error: string;
  readonly attempts: number;
  /** Shard that it happened on. */
  readonly shardId: string;
}

/** What became of letters that were run again. */
export interface DeadLetterReplay {
  /** How many succeeded, and are removed. */
  readonly replayed: number;
  /** Those that failed again, and are kept. */
  readonly failed: readonly { readonly id: string; readonly error: string }[];
}
