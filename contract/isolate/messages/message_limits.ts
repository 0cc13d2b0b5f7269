/**
 * Limits of messages that cross between runtime, child process and sandbox. Senders hold to them,
 * the schemas refuse what does not.
 *
 * Pure: the sandbox imports it.
 *
 * @module
 */

/** Messages that one payload from the sandbox may hold. */
export const MAX_MESSAGES = 1_000;

/** Greatest recording of what a top level read, in bytes as the recorder counts them. */
export const MAX_RECORDING_BYTES = 8 * 1024 * 1024;
/** The same, encoded: a character counts one byte, and most texts take up to two. */
export const MAX_ENCODED_RECORDING_BYTES = 2 * MAX_RECORDING_BYTES;

/** Encoded bytes that a batch of a shuffle has at least, unless it is the last. */
export const SHUFFLE_BATCH_BYTES = 64 * 1024;
/** Encoded bytes that a batch of a shuffle has at most: one record may be as large. */
export const MAX_SHUFFLE_BYTES = 8 * 1024 * 1024;
/** Fewest bytes that a batch counts for in a window: tiny ones are no lighter than others. */
const MIN_CHARGE_BYTES = 1_024;

/** Bytes that a batch of a shuffle counts for in the window of its way. */
export function chargeOf(batch: Uint8Array): number {
  return Math.max(MIN_CHARGE_BYTES, batch.byteLength);
}

/** Bytes of stream messages that a delivery may have. */
export const MAX_DELIVERY_BYTES = 128 * 1024 * 1024;
/** Events that a delivery may have. */
export const MAX_EVENTS = 100_000;
/** Errors of one failed execution that travel. */
export const MAX_EVENT_ERRORS = 10;
/** Characters of each of {@linkcode MAX_EVENT_ERRORS}. */
export const MAX_EVENT_ERROR_CHARS = 2_000;
/** Encoded bytes that the results of several commands may have together in one message. */
export const MAX_GATHERED_BYTES = 64 * 1024;

/** Pages that a reader may send before the worker asks for more. */
export const PAGE_CREDITS = 4;
