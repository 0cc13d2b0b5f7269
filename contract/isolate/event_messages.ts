/**
 * What crosses the border for registrations: events on their way in, what became of them on the way
 * out.
 *
 * A delivery is a number of events of one registration, in order. Each execution takes `batch` of
 * them; the sandbox says of each execution when it is over, several in one message.
 *
 * @module
 */

/** Events of one registration, encoded as they came. */
export type EventPayload =
  /** Messages of a stream: `count` entries `[id, [field, value, …]]` as raw RESP, one after the other. */
  | {
    readonly kind: "stream";
    readonly key: string;
    readonly count: number;
    readonly entries: Uint8Array;
  }
  /** Events of keys; types and values are read when they run. */
  | {
    readonly kind: "keys";
    readonly keys: readonly (string | Uint8Array)[];
    readonly events: readonly string[];
  }
  /** A command: `[trigger, arg…]`. */
  | { readonly kind: "command"; readonly args: readonly (string | Uint8Array)[] }
  /** The clock: milliseconds since 1970 of the time that was planned. */
  | { readonly kind: "time"; readonly time: number };

/** From the runtime to the sandbox: run these. */
export interface EventsMessage {
  readonly type: "events";
  /** Number of the delivery: what is said of it names it. */
  readonly id: number;
  /** Place of the registration in its module, from 0. */
  readonly registration: number;
  readonly payload: EventPayload;
  /** Records of an execution; the last one may have fewer. */
  readonly batch: number;
  /** For each event how many registrations' writes led to it; absent where none did. */
  readonly depths?: readonly number[];
}

/** From the runtime to the sandbox: what has not begun of a delivery is not to begin any more. */
export interface EventsEndMessage {
  readonly type: "eventsEnd";
  readonly id: number;
}

/** Bytes of stream messages that a delivery may have. */
export const MAX_DELIVERY_BYTES = 128 * 1024 * 1024;
/** Events that a delivery may have. */
export const MAX_EVENTS = 100_000;
/** Errors of one failed execution that travel, and the characters of each. */
export const MAX_EVENT_ERRORS = 10;
/** See {@linkcode MAX_EVENT_ERRORS}. */
export const MAX_EVENT_ERROR_CHARS = 2_000;

/** An execution that failed. */
export interface EventFailure {
  /** Place of its first event in the delivery. */
  readonly at: number;
  /** Lines as RG.GETRESULTS has them; at least one. */
  readonly errors: readonly string[];
  /** Its author marked it as not worth another try. */
  readonly isFinal: boolean;
}

/** From the sandbox: so many more executions of a delivery are over. */
export interface EventsDoneMessage {
  readonly type: "eventsDone";
  readonly id: number;
  /** Places in the delivery of the first event of each execution that is over, also of failed ones. */
  readonly done: readonly number[];
  /** How many of them had no event that fits, so that nothing was run. */
  readonly skipped: number;
  readonly failures: readonly EventFailure[];
  /** Time that these executions took, in milliseconds; and the last of them. */
  readonly totalDurationMs: number;
  readonly lastDurationMs: number;
  /** Nothing of the delivery is under way any more. */
  readonly isLast: boolean;
}

/**
 * From the sandbox, where it may not publish marks: keys that an execution of an event at depth
 * `depth - 1` is about to write.
 */
export interface WroteMessage {
  readonly type: "wrote";
  readonly depth: number;
  readonly keys: readonly string[];
}

/** From the sandbox: an execution of an event is about to add an entry to a stream. */
export interface AddingMessage {
  readonly type: "adding";
  readonly key: string;
}

/** From the sandbox: it has added it, or that has failed, in the order of `adding`. */
export interface AddedMessage {
  readonly type: "added";
  readonly key: string;
  readonly id: string | null;
  readonly depth: number;
}

/** Keys that registrations wait for: all that begin with a text, or one. */
export interface ListenPattern {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** From the runtime to the sandbox: what the registrations of this shard wait for, sorted. */
export interface ListensMessage {
  readonly type: "listens";
  readonly patterns: readonly ListenPattern[];
}

/**
 * Where executions of events mark what they write: `SENDER DEPTH KEY` before a command, `SENDER` behind
 * the commands of a turn. See `runtime/triggers/chains.ts`.
 */
export const CHAIN_CHANNEL = "__pinion:chain";

/** From the runtime to the sandbox: a command, answered as a call. */
export interface TriggerMessage {
  readonly type: "trigger";
  readonly id: number;
  readonly registration: number;
  readonly args: readonly (string | Uint8Array)[];
}

/**
 * From the runtime to the sandbox: run these in one execution, in which other shards take part. It is
 * answered by a `run` whose `invocation` is this one's number.
 */
export interface RunEventsMessage {
  readonly type: "runEvents";
  readonly id: number;
  readonly registration: number;
  /** What happened on this shard; nothing on those that only take part. */
  readonly events: readonly EventPayload[];
  /** How many registrations' writes led to them. */
  readonly depth: number;
}

/** Encoded bytes that the results of several commands may have together in one message. */
export const MAX_GATHERED_BYTES = 64 * 1024;

/** From the sandbox: the results of several commands of which none failed. */
export interface TriggerRepliesMessage {
  readonly type: "triggerReplies";
  readonly ids: readonly number[];
  /** One msgpack array that holds an array of results for each of them. */
  readonly results: Uint8Array;
}

/** From the sandbox: its results, one msgpack array, and the errors of its records. */
export interface TriggerReplyMessage {
  readonly type: "triggerReply";
  readonly id: number;
  readonly results: Uint8Array;
  readonly errors: readonly string[];
}
