/**
 * Readers and their arguments as data.
 *
 * @module
 */

import type { CallbackRef } from "./step.ts";

/** Scans the shard's keys and reads their values. */
export interface KeysReaderSpec {
  readonly reader: "KeysReader";
  /** Glob pattern, or one literal key if `noScan`. */
  readonly pattern: string;
  readonly noScan: boolean;
  readonly readValue: boolean;
}
/** Scans the shard's keys without values. */
export interface KeysOnlyReaderSpec {
  readonly reader: "KeysOnlyReader";
  readonly pattern: string;
  /** COUNT of each SCAN. */
  readonly count: number;
  readonly noScan: boolean;
  /** Called on each shard; its `[pattern, noScan]` replaces both. */
  readonly patternGenerator?: CallbackRef;
}
/** Reads the entries of one stream. */
export interface StreamReaderSpec {
  readonly reader: "StreamReader";
  readonly key: string;
  /** Entries after this id (exclusive). */
  readonly fromId: string;
}
/** Yields what the author's generator yields. */
export interface GeneratorReaderSpec {
  readonly reader: "GeneratorReader";
  readonly generator: CallbackRef;
}
/** One record per shard: its id. */
export interface ShardsIdReaderSpec {
  readonly reader: "ShardsIDReader";
}
/** What happened: the events that a registration runs for. */
export interface EventsReaderSpec {
  readonly reader: "EventsReader";
}

/** A reader that an execution begins with. */
export type ReaderSpec =
  | KeysReaderSpec
  | KeysOnlyReaderSpec
  | StreamReaderSpec
  | GeneratorReaderSpec
  | ShardsIdReaderSpec
  | EventsReaderSpec;
