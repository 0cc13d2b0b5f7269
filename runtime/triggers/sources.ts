/**
 * The table of sources: one row for each reader that `register()` can wait with.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { TriggerSpec } from "../../sdk/plan/registration.ts";
import { Chains } from "./chains.ts";
import { createKeysKind } from "./keys/keys_kind.ts";
import { commandKind } from "./commands/command_kind.ts";
import type { SourceKind, SourceTable, TriggerServices } from "./source_table.ts";
import { streamKind } from "./streams/stream_kind.ts";
import { timeKind } from "./time/time_kind.ts";

/** See the module. */
export function createSources(services: TriggerServices): SourceTable {
  const chains = new Chains();
  return {
    KeysReader: createKeysKind(services, chains),
    StreamReader: streamKind(services),
    CommandReader: commandKind(services),
    TimeReader: timeKind(services),
  };
}

/** A reader whose events nothing here gives: its registrations are refused. */
function withoutSource(reader: TriggerSpec["reader"]): SourceKind {
  const refuse = () => {
    throw new PinionError(
      "UNSUPPORTED",
      `Cannot register with ${reader}: this runtime has no source of its events`,
    );
  };
  return { check: refuse, open: refuse };
}
