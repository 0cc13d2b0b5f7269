/**
 * The table of sources: one row for each reader that `register()` can wait with.
 *
 * @module
 */

import { type CommandServices, createCommandKind } from "./sources/commands/command_kind.ts";
import { createKeysKind } from "./sources/keys/keys_kind.ts";
import type { SourceTable } from "./source/source_kind.ts";
import { createStreamKind } from "./sources/streams/stream_kind.ts";
import { createTimeKind } from "./sources/time/time_kind.ts";

/** Makes a row for each reader. */
export function createSources(services: CommandServices): SourceTable {
  return {
    KeysReader: createKeysKind(services),
    StreamReader: createStreamKind(services),
    CommandReader: createCommandKind(services),
    TimeReader: createTimeKind(services),
  };
}
