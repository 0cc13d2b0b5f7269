/**
 * `StreamReader`: the entries of one stream.
 *
 * @module
 */

import type { TextOrBytes } from "./keys_reader.ts";
import { type Reader, stringOr } from "./reader_kind.ts";

/** An entry of a stream. */
export interface StreamRecord {
  /** The stream's key. */
  readonly key: string;
  /** `<ms>-<seq>` */
  readonly id: string;
  /** The entry's fields. */
  readonly value: Record<string, TextOrBytes>;
}

/** Options of `run()` for a StreamReader. */
export interface StreamReaderOptions {
  /** Entries after this id (exclusive). Default `0-0`. */
  readonly fromId?: string;
}

/**
 * Argument of `run()`: the stream's key.
 *
 * Source: RedisGears 1.2 StreamReader (reference 2.3).
 */
export const streamReader: Reader = {
  options: ["fromId"],
  compile: (argument, options) => ({
    reader: "StreamReader",
    key: stringOr(argument, "*", "stream argument"),
    fromId: stringOr(options.fromId, "0-0", "fromId argument"),
  }),
};
