/**
 * The commands that show and end executions.
 *
 * Source: RedisGears 1.2 (reference 1.2).
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { type CommandCall, REPLY_OK } from "./command.ts";
import { formatExecution, formatExecutions } from "./format_execution.ts";
import { formatOutcome } from "./format_results.ts";
import type { WriteReply } from "./reply_writer.ts";

/** RG.DUMPEXECUTIONS. */
export function dumpExecutions({ engine }: CommandCall): WriteReply {
  return formatExecutions(engine.listExecutions());
}

/** RG.GETEXECUTION. */
export function getExecution({ engine, args: [id, scope] }: CommandCall): WriteReply {
  const wanted = scope?.toUpperCase();
  if (wanted !== undefined && wanted !== "SHARD" && wanted !== "CLUSTER") {
    throw new PinionError("BAD_OPTION", "unknown subcommand");
  }
  const { clustered, myId } = engine.clusterInfo();
  if (wanted === "CLUSTER" && !clustered) {
    throw new PinionError(
      "BAD_OPTION",
      "no cluster detected - use `RG.GETEXECUTION <id> [SHARD]` instead",
    );
  }
  const info = engine.getExecution(id);
  if (!clustered || wanted !== "SHARD") return formatExecution(info);
  return formatExecution({
    ...info,
    shards: info.shards.filter((shard) => shard.shardId === myId),
  });
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
