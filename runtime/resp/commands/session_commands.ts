/**
 * RG.PYDUMPSESSIONS under its old and its own name.
 *
 * Source: RedisGears 1.2 (reference 1.6).
 *
 * @module
 */

import type { CommandCall } from "./command.ts";
import { formatSessions } from "../replies/format_sessions.ts";
import type { OptionRow } from "./parse_options.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** Options of RG.DUMPSESSIONS. */
export const SESSION_OPTIONS: readonly OptionRow[] = [
  { keyword: "VERBOSE", summary: "show all of each registration" },
  { keyword: "DEAD", summary: "show the replaced ones that something still runs in" },
  { keyword: "SESSIONS", takes: "rest", value: "<id>…", summary: "show these only" },
];

/** Sessions in the order of their ids. */
export function dumpSessions({ engine, options }: CommandCall): WriteReply {
  const sessions = engine.listSessions()
    .filter((session) => session.dead === options.has("DEAD"))
    .sort((left, right) => left.id < right.id ? -1 : 1);
  const ids = options.rest("SESSIONS");
  return formatSessions(
    ids === undefined
      ? sessions
      : ids.map((id) => sessions.find((session) => session.id === id) ?? { missingId: id }),
    options.has("VERBOSE") ? engine.listRegistrations() : undefined,
  );
}
