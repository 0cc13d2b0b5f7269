/**
 * Events that registrations have given up: `/v1/dlq`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** One registration's letters: its library and its name within it. */
export interface QueueName {
  readonly library: string;
  readonly registration: string;
}

/** A line of `GET /v1/dlq`: a registration that has given up events. */
export const DeadLetterQueue = z.object({
  library: z.string(),
  /** Name of the registration. */
  registration: z.string(),
  letters: z.int(),
});
/** Data of {@linkcode DeadLetterQueue}. */
export type DeadLetterQueue = Data<typeof DeadLetterQueue>;

/** A line of `GET /v1/dlq/{library}/{name}`: an event that was given up. */
export const DeadLetter = z.object({
  /** Of the letter: `<ms>-<seq>`, ms is when it was given up. */
  id: z.string(),
  /** Origin of the event, such as the key of its stream. */
  key: z.string(),
  /** Its id there. */
  eventId: z.string(),
  /**
   * The event as its function gets it: `{ key, id, value }` of a message, `{ key, event }` of a
   * key, the words of a command, the planned time in milliseconds since 1970. Bytes are `{
   * "base64": "…" }`; null where the event is there no more.
   */
  record: z.unknown(),
  /** True where something of it is left out: it is longer than is shown. */
  isCut: z.boolean(),
  /** Its last failure. */
  error: z.string(),
  attempts: z.int(),
  /** Shard that it happened on. */
  shardId: z.string(),
});
/** Data of {@linkcode DeadLetter}. */
export type DeadLetter = Data<typeof DeadLetter>;

/** The part of a letter that shows its event. */
export type LetterRecord = Pick<DeadLetter, "record" | "isCut">;

/** Outcome of letters that were run again: `POST /v1/dlq/{library}/{name}/replay`. */
export const DeadLetterReplay = z.object({
  /** Letters that succeeded, and are removed. */
  replayed: z.int(),
  /** Those that failed again, and are kept. */
  failed: z.array(z.object({ id: z.string(), error: z.string() })),
});
/** Data of {@linkcode DeadLetterReplay}. */
export type DeadLetterReplay = Data<typeof DeadLetterReplay>;
