/**
 * The table of sources: one row for each reader that `register()` can wait with.
 *
 * @module
 */

import { commandKind } from "./sources/commands/command_kind.ts";
import { createKeysKind } from "./sources/keys/keys_kind.ts";
import type { SourceTable, TriggerServices } from "./source/source_kind.ts";
import { streamKind } from "./sources/streams/stream_kind.ts";
import { timeKind } from "./sources/time/time_kind.ts";

/** See the module. */
export function createSources(services: TriggerServices): SourceTable {
  return {
    KeysReader: createKeysKind(services),
    StreamReader: streamKind(services),
    CommandReader: commandKind(services),
    TimeReader: timeKind(services),
  };
}
