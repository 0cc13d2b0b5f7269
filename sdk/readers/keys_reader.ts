/**
 * `KeysReader`: the shard's keys with their values.
 *
 * @module
 */

import { booleanOr, type Reader, stringOr } from "./reader_kind.ts";

/** Text where the bytes are UTF-8, else the bytes. */
export type TextOrBytes = string | Uint8Array;

/** Fields of every record of a KeysReader. */
export interface KeysRecordHead {
  /** Name of the key. */
  readonly key: string;
  /** Name of the event that caused it; null in `run()`. */
  readonly event: string | null;
}

/**
 * A key with its type and value.
 *
 * Source: RedisGears 1.2 KeysReader (reference 2.1).
 * Differs: sets, sorted sets and streams have values (null there), and the type of a stream is
 * `stream` (`unknown` there).
 */
export type KeysRecord =
  & KeysRecordHead
  & (
    | { readonly type: "string"; readonly value: TextOrBytes }
    | { readonly type: "list"; readonly value: TextOrBytes[] }
    | { readonly type: "hash"; readonly value: Record<string, TextOrBytes> }
    | { readonly type: "set"; readonly value: TextOrBytes[] }
    | { readonly type: "zset"; readonly value: { member: TextOrBytes; score: number }[] }
    | {
      readonly type: "stream";
      readonly value: { id: string; value: Record<string, TextOrBytes> }[];
    }
    | { readonly type: "module"; readonly value: null }
    | { readonly type: "empty"; readonly value: null }
  );

/** Options of `run()` for a KeysReader. */
export interface KeysReaderOptions {
  /** Take the pattern for one literal key; it yields a record even if it does not exist. */
  readonly noScan?: boolean;
  /** Read types and values. Default true; without it records have `key` and `event` only. */
  readonly readValue?: boolean;
}

/** Argument of `run()`: a glob pattern, default `*`. */
export const keysReader: Reader = {
  options: ["noScan", "readValue"],
  compile: (argument, options) => ({
    reader: "KeysReader",
    pattern: stringOr(argument, "*", "regex argument"),
    noScan: booleanOr(options.noScan, false, "exactMatch"),
    readValue: booleanOr(options.readValue, true, "readValue"),
  }),
};
