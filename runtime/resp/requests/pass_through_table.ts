/**
 * The Redis commands that the adapter has to know although it only passes them on: those that
 * change how replies are counted, what protocol they are in or what the client may do.
 *
 * @module
 */

import type { ReplyNote } from "../replies/client_state.ts";

/** What a command of the table means to the adapter. */
export type PassThroughEffect =
  /** The protocol may change, and so may the rights. */
  | "hello"
  /** The rights may change. */
  | "auth"
  /** Everything is as on a new connection. */
  | "reset"
  /** It begins or ends a transaction. */
  | "transaction"
  /** Answers with any number of frames, and messages may follow at any time. */
  | "subscribe"
  /** From the reply on, the connection is Redis' alone. */
  | "monitor"
  /** The connection becomes a replica's: no RESP from here on. */
  | "replicate"
  /** Redis answers, then closes the connection. */
  | "quit"
  /** Redis answers with an error, or not at all and closes the connection. */
  | "shutdown"
  /** A web browser that was lured here: the connection is cut before anything else is read. */
  | "attack";

/** A row of {@linkcode PASS_THROUGH_TABLE}. */
export interface PassThroughRow {
  /** In upper case. */
  readonly name: string;
  /** What it does to the connection. */
  readonly effect: PassThroughEffect;
  /** Nothing is sent after it before its reply is there. */
  readonly alone?: true;
  /** What its reply tells, where that is all that there is to it. */
  readonly note?: ReplyNote;
}

/** Every command but these has one reply and changes nothing that the adapter keeps. */
export const PASS_THROUGH_TABLE: readonly PassThroughRow[] = [
  { name: "HELLO", effect: "hello" },
  { name: "AUTH", effect: "auth" },
  { name: "RESET", effect: "reset", alone: true },
  { name: "MULTI", effect: "transaction", note: "multi" },
  { name: "EXEC", effect: "transaction", note: "exec" },
  { name: "DISCARD", effect: "transaction", note: "discard" },
  { name: "SUBSCRIBE", effect: "subscribe" },
  { name: "PSUBSCRIBE", effect: "subscribe" },
  { name: "SSUBSCRIBE", effect: "subscribe" },
  { name: "UNSUBSCRIBE", effect: "subscribe" },
  { name: "PUNSUBSCRIBE", effect: "subscribe" },
  { name: "SUNSUBSCRIBE", effect: "subscribe" },
  { name: "MONITOR", effect: "monitor", alone: true },
  { name: "SYNC", effect: "replicate" },
  { name: "PSYNC", effect: "replicate" },
  { name: "QUIT", effect: "quit", alone: true },
  { name: "SHUTDOWN", effect: "shutdown", alone: true },
  { name: "POST", effect: "attack" },
  { name: "HOST:", effect: "attack" },
];

/** Longest name that {@linkcode findPassThrough} has to be asked about. */
export const LONGEST_NAME_BYTES: number = Math.max(
  ...PASS_THROUGH_TABLE.map((row) => row.name.length),
);

/** The row of the name that lies at `start`, in any case; undefined for a command of no note. */
export function findPassThrough(
  bytes: Uint8Array,
  start: number,
  byteLength: number,
): PassThroughRow | undefined {
  for (const entry of BY_LENGTH[byteLength] ?? NONE) {
    if (equalsName(bytes, start, entry.lower)) return entry.row;
  }
  return undefined;
}

/** Whether the bytes at `start` spell a name, given in lower case. */
export function equalsName(bytes: Uint8Array, start: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i++) {
    const byte = bytes[start + i];
    if ((byte >= 65 && byte <= 90 ? byte | 32 : byte) !== lower[i]) return false;
  }
  return true;
}

interface Entry {
  readonly row: PassThroughRow;
  readonly lower: Uint8Array;
}

const NONE: readonly Entry[] = [];

const BY_LENGTH: readonly (readonly Entry[])[] = buildIndex();

function buildIndex(): Entry[][] {
  const index: Entry[][] = [];
  for (const row of PASS_THROUGH_TABLE) {
    const lower = new TextEncoder().encode(row.name.toLowerCase());
    (index[lower.length] ??= []).push({ row, lower });
  }
  return index;
}
