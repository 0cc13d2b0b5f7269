/**
 * The commands that show and end executions.
 *
 * Source: RedisGears 1.2 (reference 1.2).
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { type CommandCall, REPLY_OK } from "./command.ts";
import { formatExecution, formatExecutions } from "../replies/format_execution.ts";
import { formatOutcome } from "../replies/format_results.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** RG.DUMPEXECUTIONS. */
export function dumpExecutions({ engine }: CommandCall): WriteReply {
  return formatExecutions(engine.listExecutions());
}

/** RG.GETEXECUTION. */
export async function getExecution(
  { engine, args: [id, scope] }: CommandCall,
): Promise<WriteReply> {
  const wanted = scope?.toUpperCase();
  if (wanted !== undefined && wanted !== "SHARD" && wanted !== "CLUSTER") {
    throw new PinionError("BAD_OPTION", "unknown subcommand");
  }
  if (wanted === "CLUSTER" && !engine.clusterInfo().clustered) {
    throw new PinionError(
      "BAD_OPTION",
      "no cluster detected - use `RG.GETEXECUTION <id> [SHARD]` instead",
    );
  }
  return formatExecution(await engine.getExecution(id, wanted === "SHARD" ? "shard" : undefined));
}

/** RG.GETRESULTS. */
export function getResults({ engine, args: [id] }: CommandCall): WriteReply {
  return formatOutcome(engine.getResults(id));
}

/** RG.GETRESULTSBLOCKING. */
export async function getResultsBlocking(call: CommandCall): Promise<WriteReply> {
  return formatOutcome(await call.engine.waitForResults(call.args[0], call.signal));
}

/** RG.ABORTEXECUTION. */
export async function abortExecution({ engine, args: [id] }: CommandCall): Promise<WriteReply> {
  await engine.abortExecution(id);
  return REPLY_OK;
}

/** RG.DROPEXECUTION. */
export function dropExecution({ engine, args: [id] }: CommandCall): WriteReply {
  engine.dropExecution(id);
  return REPLY_OK;
}
