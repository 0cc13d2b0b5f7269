/**
 * The commands that begin with `RG.`: the one table that parsing, arity errors, RG.HELP and the
 * documentation derive from.
 *
 * @module
 */

import { infoCluster, refreshCluster } from "./cluster_commands.ts";
import type { CommandRow } from "./command.ts";
import { configGet, configSet } from "./config_commands.ts";
import {
  abortExecution,
  dropExecution,
  dumpExecutions,
  getExecution,
  getResults,
  getResultsBlocking,
} from "./execution_commands.ts";
import { help } from "./help_command.ts";
import {
  clearRegistrationsStats,
  dumpRegistrations,
  pauseRegistrations,
  unpauseRegistrations,
  unregister,
} from "./registration_commands.ts";
import { executeScript, refusePython, SCRIPT_OPTIONS } from "./script_commands.ts";
import { dumpSessions, SESSION_OPTIONS } from "./session_commands.ts";
import { trigger, triggerOnKey } from "./trigger_commands.ts";

/** What RedisGears says where a trigger cannot be run. */
const NO_TRIGGER = {
  NO_TRIGGER: "subcommand not found",
  NO_MULTI:
    "ERR can not run a non-sync execution inside a MULTI/LUA (blocking is not allowed) or " +
    "on loading.",
} as const;
const NO_PLAN = { NO_EXECUTION: "execution plan does not exist" } as const;

/** One row per command. */
export const COMMAND_TABLE: readonly CommandRow[] = [
  {
    name: "RG.TSEXECUTE",
    aliases: ["RG.JSEXECUTE"],
    usage: "<source>",
    minArgs: 1,
    options: SCRIPT_OPTIONS,
    unknownOption: (token) => `Unknown arguments were given: ${token}`,
    access: "redis",
    summary: "Run a TypeScript or JavaScript script.",
    since: "0.1.0",
    reply: "[[result…], [error…]] of its run(); the execution id if UNBLOCKING; OK without a run()",
    handle: executeScript,
  },
  {
    name: "RG.GETRESULTS",
    usage: "<id>",
    minArgs: 1,
    access: "local",
    summary: "Show the results of a finished execution.",
    since: "0.1.0",
    reply: "[[result…], [error…]]",
    errorTexts: { ...NO_PLAN, EXECUTION_RUNNING: "execution is still running" },
    handle: getResults,
  },
  {
    name: "RG.GETRESULTSBLOCKING",
    usage: "<id>",
    minArgs: 1,
    maxArgs: 1,
    access: "local",
    summary: "Wait for an execution to finish and show its results.",
    since: "0.1.0",
    reply: "[[result…], [error…]]",
    errorTexts: NO_PLAN,
    handle: getResultsBlocking,
  },
  {
    name: "RG.GETEXECUTION",
    usage: "<id> [SHARD|CLUSTER]",
    minArgs: 1,
    maxArgs: 2,
    access: "local",
    summary: "Show all that is known of an execution.",
    since: "0.1.0",
    reply: "per shard: shard_id and execution_plan (status, counts, durations, steps last first)",
    errorTexts: NO_PLAN,
    handle: getExecution,
  },
  {
    name: "RG.DUMPEXECUTIONS",
    minArgs: 0,
    access: "local",
    summary: "List the executions.",
    since: "0.1.0",
    reply: "per execution: executionId, status, registered",
    handle: dumpExecutions,
  },
  {
    name: "RG.ABORTEXECUTION",
    usage: "<id>",
    minArgs: 1,
    maxArgs: 1,
    access: "local",
    summary: "Stop an execution.",
    since: "0.1.0",
    reply: "OK when nothing of it runs any more",
    errorTexts: { NO_EXECUTION: "execution does not exist" },
    handle: abortExecution,
  },
  {
    name: "RG.DROPEXECUTION",
    usage: "<id>",
    minArgs: 1,
    maxArgs: 1,
    access: "local",
    summary: "Forget a finished execution.",
    since: "0.1.0",
    reply: "OK",
    errorTexts: {
      ...NO_PLAN,
      EXECUTION_RUNNING: "can not drop a not yet finished execution, abort it first.",
    },
    handle: dropExecution,
  },
  {
    name: "RG.TRIGGER",
    usage: "<trigger> [<arg>…]",
    minArgs: 1,
    access: "redis",
    summary: "Run what is registered on a trigger.",
    since: "0.1.0",
    reply: "[result…], or the first error",
    errorTexts: NO_TRIGGER,
    handle: trigger,
  },
  {
    name: "RG.TRIGGERONKEY",
    usage: "<trigger> <key> [<arg>…]",
    minArgs: 2,
    access: "redis",
    summary: "Run what is registered on a trigger, on the shard that owns a key.",
    since: "0.1.0",
    reply: "[result…], or the first error",
    errorTexts: NO_TRIGGER,
    handle: triggerOnKey,
  },
  {
    name: "RG.DUMPREGISTRATIONS",
    minArgs: 0,
    access: "local",
    summary: "List the registrations, with what happened on this shard.",
    since: "0.1.0",
    reply: "per registration: id, reader, desc, RegistrationData, PD, ExecutionThreadPool",
    handle: dumpRegistrations,
  },
  {
    name: "RG.UNREGISTER",
    usage: "<id> [ABORTPENDING]",
    minArgs: 1,
    maxArgs: 2,
    access: "redis",
    summary: "End a registration on all shards.",
    since: "0.1.0",
    reply: "OK; what has begun goes on",
    errorTexts: { NO_REGISTRATION: "execution is not registered" },
    handle: unregister,
  },
  {
    name: "RG.PAUSEREGISTRATIONS",
    usage: "<id>… [ABORTPENDING]",
    minArgs: 1,
    access: "redis",
    summary: "Have registrations take nothing new, on all shards.",
    since: "0.1.0",
    reply: "OK",
    handle: pauseRegistrations,
  },
  {
    name: "RG.UNPAUSEREGISTRATIONS",
    usage: "<id>…",
    minArgs: 1,
    access: "redis",
    summary: "Have registrations go on, also where they had stopped by themselves.",
    since: "0.1.0",
    reply: "OK",
    handle: unpauseRegistrations,
  },
  {
    name: "RG.CLEARREGISTRATIONSSTATS",
    minArgs: 0,
    access: "local",
    summary: "Clear the figures of all registrations, on all shards.",
    since: "0.1.0",
    reply: "OK",
    handle: clearRegistrationsStats,
  },
  {
    name: "RG.CONFIGGET",
    usage: "<key>…",
    minArgs: 0,
    access: "local",
    summary: "Show settings.",
    since: "0.1.0",
    reply: "per key: its value, or an error",
    handle: configGet,
  },
  {
    name: "RG.CONFIGSET",
    usage: "<key> <value>…",
    minArgs: 0,
    access: "local",
    summary: "Change settings, or keep values for configGet().",
    since: "0.1.0",
    reply: "per key: OK, or an error",
    handle: configSet,
  },
  {
    name: "RG.DUMPSESSIONS",
    aliases: ["RG.PYDUMPSESSIONS"],
    minArgs: 0,
    options: SESSION_OPTIONS,
    unknownOption: (token) => `Unknown option ${token}`,
    access: "local",
    summary: "List the sessions.",
    since: "0.1.0",
    reply: "per session: ID, description, counts, state and registrations",
    handle: dumpSessions,
  },
  {
    name: "RG.INFOCLUSTER",
    minArgs: 0,
    access: "local",
    summary: "Show the topology.",
    since: "0.1.0",
    reply: "`no cluster mode`, or MyId, MyRunId and the nodes",
    handle: infoCluster,
  },
  {
    name: "RG.REFRESHCLUSTER",
    minArgs: 0,
    access: "local",
    summary: "Read the topology anew, now.",
    since: "0.1.0",
    reply: "OK",
    handle: refreshCluster,
  },
  {
    name: "RG.PYEXECUTE",
    usage: "<source> …",
    minArgs: 0,
    access: "open",
    summary: "Not supported: run scripts with RG.TSEXECUTE.",
    since: "0.1.0",
    reply: "an error that says so",
    handle: refusePython,
  },
  {
    name: "RG.HELP",
    usage: "[<command>]",
    minArgs: 0,
    maxArgs: 1,
    access: "open",
    summary: "List the commands, or tell all of one.",
    since: "0.1.0",
    reply: "lines of text",
    handle: (call) => help(call, COMMAND_TABLE),
  },
];

const BY_NAME: ReadonlyMap<string, CommandRow> = new Map(
  COMMAND_TABLE.flatMap((row) => [row.name, ...(row.aliases ?? [])].map((name) => [name, row])),
);

/** The row of a name or an alias, in any case. */
export function findCommand(name: string): CommandRow | undefined {
  return BY_NAME.get(name.toUpperCase());
}
