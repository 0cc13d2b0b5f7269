/**
 * Events of registrations on their way in, and what became of them on the way out.
 *
 * A delivery is a number of events of one registration, in order. Each execution takes `batch` of
 * them; the sandbox says of each execution when it is over, several in one message.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { bytes, figure, id, textOrBytes } from "../fields.ts";
import { MAX_EVENT_ERROR_CHARS, MAX_EVENT_ERRORS, MAX_EVENTS } from "./message_limits.ts";

/**
 * Messages of a stream: `count` entries `[id, [field, value, …]]` as raw RESP, one after the other.
 */
const StreamPayload = z.strictObject({
  kind: z.literal("stream"),
  key: z.string(),
  count: id,
  entries: bytes,
});

/** Events of keys; types and values are read when they run. */
const KeysPayload = z.strictObject({
  kind: z.literal("keys"),
  keys: z.array(textOrBytes),
  events: z.array(z.string()),
});

/** A command: `[trigger, arg…]`. */
const CommandPayload = z.strictObject({
  kind: z.literal("command"),
  args: z.array(textOrBytes).min(1),
});

/** The clock: milliseconds since 1970 of the time that was planned. */
const TimePayload = z.strictObject({ kind: z.literal("time"), time: z.number() });

/** Events of one registration, encoded as they came. */
export const EventPayloadSchema = z.discriminatedUnion("kind", [
  StreamPayload,
  KeysPayload,
  CommandPayload,
  TimePayload,
]);

/** Asks to run events. */
const Events = z.strictObject({
  type: z.literal("events"),
  /** Number of the delivery: what is said of it names it. */
  id,
  /** Index of the registration in its module, from 0. */
  registration: id,
  payload: EventPayloadSchema,
  /** Records of an execution; the last one may have fewer. */
  batch: id,
  /** For each event how many registrations' writes led to it; absent where none did. */
  depths: z.array(id).optional(),
});

/** Ends the part of a delivery that has not begun. */
const EventsEnd = z.strictObject({ type: z.literal("eventsEnd"), id });

/**
 * Asks to run events in one execution, in which other shards take part. It is answered by a `run`
 * whose `invocation` is this one's number.
 */
const RunEvents = z.strictObject({
  type: z.literal("runEvents"),
  id,
  registration: id,
  /** Events of this shard; none on shards that only take part. */
  events: z.array(EventPayloadSchema),
  /** Number of registrations whose writes led to them. */
  depth: id,
});

/** An execution that failed. */
const EventFailureSchema = z.strictObject({
  /** Index of its first event in the delivery. */
  at: id,
  /** Lines as RG.GETRESULTS has them; at least one. */
  errors: z.array(z.string().max(MAX_EVENT_ERROR_CHARS)).min(1).max(MAX_EVENT_ERRORS),
  /** Its author marked it as not worth another try. */
  isFinal: z.boolean(),
});

/** So many more executions of a delivery are over. */
const EventsDone = z.strictObject({
  type: z.literal("eventsDone"),
  id,
  /**
   * Indexes in the delivery of the first event of each execution that is over, also of failed ones.
   * Checked by hand: a schema for each number would cost more than its execution.
   */
  done: z.custom<readonly number[]>(areIndexes),
  /** Number of them without an event that fits, so that nothing was run. */
  skipped: id,
  failures: z.array(EventFailureSchema).max(MAX_EVENTS),
  /** Time that these executions took, in milliseconds. */
  totalDurationMs: figure,
  /** Time that the last of them took. */
  lastDurationMs: figure,
  /** Nothing of the delivery is under way any more. */
  isLast: z.boolean(),
});

function areIndexes(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_EVENTS &&
    value.every((index) => Number.isSafeInteger(index) && index >= 0);
}

/** Events, from the runtime to the sandbox. */
export const EVENTS_TO_SANDBOX = [Events, EventsEnd, RunEvents] as const;
/** Outcomes of events, from the sandbox to the runtime. */
export const EVENTS_FROM_SANDBOX = [EventsDone] as const;

/** Events of one registration, encoded as they came. */
export type EventPayload = DeepReadonly<z.infer<typeof EventPayloadSchema>>;
/** Asks to run events. */
export type EventsMessage = DeepReadonly<z.infer<typeof Events>>;
/** Ends a delivery early. */
export type EventsEndMessage = DeepReadonly<z.infer<typeof EventsEnd>>;
/** Asks to run events in one execution over all shards. */
export type RunEventsMessage = DeepReadonly<z.infer<typeof RunEvents>>;
/** An execution that failed. */
export type EventFailure = DeepReadonly<z.infer<typeof EventFailureSchema>>;
/** So many more executions of a delivery are over. */
export type EventsDoneMessage = DeepReadonly<z.infer<typeof EventsDone>>;
