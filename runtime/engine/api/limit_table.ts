/**
 * The table of limits: everything that bounds what functions and clients may use, with its value on
 * this runtime. `pinion limits` shows it, the README repeats it with the defaults, errors name what
 * is in its first column.
 *
 * @module
 */

import type { ResolvedConfig } from "../../base/config.ts";
import type { LimitRow } from "../../../contract/api/limit_row.ts";
import type { SessionLimits } from "../../../contract/isolate/session_limits.ts";
import { MAX_DELIVERY_BYTES } from "../../../contract/isolate/messages/message_limits.ts";
import {
  MAX_ERROR_CHARS,
  MAX_ERRORS,
  MAX_OUTSTANDING_COMMANDS,
  MAX_REGISTRATION_CHARS,
  MAX_REGISTRATIONS,
  MAX_RUNNING_EXECUTIONS,
  MAX_TICKS_PER_SECOND,
} from "../../../contract/isolate/module_limits.ts";
import { MAX_CALL_BYTES } from "../../events/sources/commands/call_budget.ts";
import { MAX_WAITING } from "../../events/sources/commands/command_source.ts";
import { MAX_QUEUED_IN_ALL } from "../../events/sources/keys/queue_budget.ts";
import { MAX_FOLLOWED } from "../../events/sources/streams/stream_source.ts";
import { MAX_QUEUED } from "../../events/sources/keys/event_queue.ts";

/** Settings that limits come from. */
type LimitConfig = Pick<ResolvedConfig, "limits" | "isolates" | "maxBodyBytes" | "maxClients">;

/** Each limit of `limits`: its meaning, and where it is set but there. */
const SESSION_ROWS: Readonly<Record<keyof SessionLimits, readonly [what: string, flag?: string]>> =
  {
    memoryMb: [
      "memory that an isolate may add to what it has at its start",
      "--memory-mb of deploy",
    ],
    cpuSoftMs: ["CPU time after which an isolate begins nothing new and is replaced"],
    cpuHardMs: ["CPU time after which an isolate is killed"],
    loadTimeoutMs: ["time to load a module"],
    invocationTimeoutMs: ["time of an invocation", "--timeout-ms of deploy"],
    executionTimeoutMs: ["time of an execution, and of a script"],
    resultBytes: ["results of an execution, encoded; a function's reply"],
    logLinesPerSecond: ["lines that a session may log in a second; the rest is counted"],
  };

/** Lists the limits of a runtime. */
export function listLimits(config: LimitConfig): LimitRow[] {
  return [...listSessionLimits(config), ...listRuntimeLimits(config), ...FIXED_LIMITS];
}

function listSessionLimits({ limits }: LimitConfig): LimitRow[] {
  return Object.entries(SESSION_ROWS).map(([name, [what, flag]]): LimitRow => ({
    name,
    what,
    value: limits[name as keyof SessionLimits],
    setBy: [...(flag === undefined ? [] : [flag]), `limits.${name}`],
  }));
}

function listRuntimeLimits({ isolates, maxBodyBytes, maxClients }: LimitConfig): LimitRow[] {
  return [
    row("maxIsolates", "isolates of a runtime", isolates.maxIsolates, "isolates"),
    row("prestarted", "isolates that wait for a script", isolates.prestarted, "isolates"),
    row("maxBodyBytes", "script, body of an HTTP request", maxBodyBytes),
    row("maxClients", "clients over HTTP, and over RESP, at a time", maxClients),
  ];
}

function row(name: string, what: string, value: number, group?: string): LimitRow {
  return { name, what, value, setBy: [group === undefined ? name : `${group}.${name}`] };
}

function fixed(name: string, what: string, value: number): LimitRow {
  return { name, what, value, setBy: [] };
}

/** Limits that nothing sets. */
const FIXED_LIMITS: readonly LimitRow[] = [
  fixed("executions", "executions of a session under way", MAX_RUNNING_EXECUTIONS),
  fixed("registrations", "registrations of a module", MAX_REGISTRATIONS),
  fixed(
    "registrationChars",
    "characters of what a module registers, as JSON",
    MAX_REGISTRATION_CHARS,
  ),
  fixed(
    "ticksPerSecond",
    "times a second that TimeReaders of a module may fire",
    MAX_TICKS_PER_SECOND,
  ),
  fixed("keyEvents", "events of keys that a registration may have waiting", MAX_QUEUED),
  fixed(
    "keyEventsInAll",
    "events of keys that all registrations may have waiting",
    MAX_QUEUED_IN_ALL,
  ),
  fixed("streams", "streams that prefixes of registrations may stand for", MAX_FOLLOWED),
  fixed("eventBytes", "messages of a stream that an execution is given", MAX_DELIVERY_BYTES),
  fixed("triggerCalls", "calls that may wait for one trigger", MAX_WAITING),
  fixed("triggerBytes", "arguments of calls of triggers that wait or run", MAX_CALL_BYTES),
  fixed("commands", "commands of a session without a reply", MAX_OUTSTANDING_COMMANDS),
  fixed("errors", "errors that an execution keeps; the rest is counted", MAX_ERRORS),
  fixed("errorChars", "characters of those errors, together", MAX_ERROR_CHARS),
];
