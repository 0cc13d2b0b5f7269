/**
 * The table of sources: one row for each reader that `register()` can wait with.
 *
 * @module
 */

import { commandKind } from "./commands/command_kind.ts";
import { createKeysKind } from "./keys/keys_kind.ts";
import type { SourceTable, TriggerServices } from "./source_table.ts";
import { streamKind } from "./streams/stream_kind.ts";
import { timeKind } from "./time/time_kind.ts";

/** See the module. */
export function createSources(services: TriggerServices): SourceTable {
  return {
    KeysReader: createKeysKind(services),
    StreamReader: streamKind(services),
    CommandReader: commandKind(services),
    TimeReader: timeKind(services),
  };
}
