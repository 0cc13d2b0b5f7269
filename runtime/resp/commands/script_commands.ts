/**
 * RG.TSEXECUTE, and what is left of RG.PYEXECUTE.
 *
 * Source: RedisGears 1.2 RG.PYEXECUTE (reference 1.1).
 * Differs: a script that registers does so on all shards or on none, so what fails is one error.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { type CommandCall, REPLY_OK } from "./command.ts";
import { formatOutcome } from "../replies/format_results.ts";
import type { OptionRow } from "./parse_options.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** Options of RG.TSEXECUTE. */
export const SCRIPT_OPTIONS: readonly OptionRow[] = [
  { keyword: "UNBLOCKING", summary: "answer with the id as soon as the execution runs" },
  { keyword: "UPGRADE", summary: "replace the session if it exists" },
  { keyword: "REPLACE_WITH", takes: "one", value: "<id>", summary: "session to remove" },
  { keyword: "ID", takes: "one", value: "<id>", summary: "id of the session" },
  { keyword: "DESCRIPTION", takes: "one", value: "<text>", summary: "what the session is for" },
];

const SESSION_ID = /^[A-Za-z0-9_-]*$/;

/** Runs a script. */
export async function executeScript(call: CommandCall): Promise<WriteReply> {
  const { engine, options, signal } = call;
  const id = options.value("ID");
  if (id !== undefined && !SESSION_ID.test(id)) {
    throw new PinionError(
      "BAD_OPTION",
      "ID must be compose of: ['A'-'Z' | 'a'-'z' | '0' - '9' | '-' | '_']",
    );
  }
  const outcome = await engine.runScript(decodeSource(call.rawArgs[0]), {
    unblocking: options.has("UNBLOCKING"),
    upgrade: options.has("UPGRADE"),
    replaceWith: options.value("REPLACE_WITH"),
    id,
    description: options.value("DESCRIPTION"),
  }, signal);
  switch (outcome.kind) {
    case "ok":
    case "registered":
      return REPLY_OK;
    case "started":
      return (reply) => reply.bulk(outcome.executionId);
    case "done":
      return formatOutcome(outcome.outcome);
    default:
      return outcome satisfies never;
  }
}

/** Python is not run here; says what is. */
export function refusePython(): never {
  throw new PinionError(
    "UNSUPPORTED",
    "Cannot run Python: expected a TypeScript or JavaScript script by RG.TSEXECUTE, which takes " +
      "the same options",
  );
}

function decodeSource(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PinionError("BAD_ARGUMENT", "Cannot read the script: expected UTF-8");
  }
}
