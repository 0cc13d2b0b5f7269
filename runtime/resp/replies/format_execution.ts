/**
 * What is known of an execution as RESP.
 *
 * Source: RedisGears 1.2 RG.GETEXECUTION and RG.DUMPEXECUTIONS (reference 1.2).
 *
 * @module
 */

import type { ExecutionInfo, ExecutionShardInfo, ExecutionSummary, StepInfo } from "../../engine/engine.ts";
import type { ReplyWriter, WriteReply } from "./reply_writer.ts";

/** One entry per execution: `["executionId", id, "status", s, "registered", 0 or 1]`. */
export function formatExecutions(executions: readonly ExecutionSummary[]): WriteReply {
  return (reply) => {
    reply.array(executions.length);
    for (const { executionId, status, registered } of executions) {
      reply.map(3);
      reply.bulk("executionId");
      reply.bulk(executionId);
      reply.bulk("status");
      reply.bulk(status);
      reply.bulk("registered");
      reply.integer(registered ? 1 : 0);
    }
  };
}

/** One entry per shard: `["shard_id", id, "execution_plan", [16 items]]`. */
export function formatExecution(info: ExecutionInfo): WriteReply {
  return (reply) => {
    reply.array(info.shards.length);
    for (const shard of info.shards) {
      reply.map(2);
      reply.bulk("shard_id");
      reply.bulk(shard.shardId);
      reply.bulk("execution_plan");
      writeShard(reply, shard);
    }
  };
}

function writeShard(reply: ReplyWriter, shard: ExecutionShardInfo): void {
  reply.map(8);
  reply.bulk("status");
  reply.bulk(shard.status);
  writeCount(reply, "shards_received", shard.shardsReceived);
  writeCount(reply, "shards_completed", shard.shardsCompleted);
  writeCount(reply, "results", shard.results);
  reply.bulk("errors");
  reply.array(shard.errors.length);
  for (const error of shard.errors) reply.bulk(error);
  writeCount(reply, "total_duration", shard.totalDurationMs);
  writeCount(reply, "read_duration", shard.readDurationMs);
  reply.bulk("steps");
  reply.array(shard.steps.length);
  for (const step of shard.steps.toReversed()) writeStep(reply, step);
}

function writeStep(reply: ReplyWriter, step: StepInfo): void {
  reply.map(4);
  reply.bulk("type");
  reply.bulk(step.type);
  writeCount(reply, "duration", step.durationMs);
  reply.bulk("name");
  reply.bulk(step.name);
  reply.bulk("arg");
  reply.bulk(step.arg);
}

function writeCount(reply: ReplyWriter, name: string, value: number): void {
  reply.bulk(name);
  reply.integer(Math.round(value));
}
