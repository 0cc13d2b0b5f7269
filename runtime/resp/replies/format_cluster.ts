/**
 * The topology as RESP.
 *
 * Source: RedisGears 1.2 RG.INFOCLUSTER (reference 1.5).
 *
 * @module
 */

import type { ClusterInfo, ShardNode } from "../../engine/engine.ts";
import type { ReplyWriter, WriteReply } from "./reply_writer.ts";

/** `no cluster mode`, or `["MyId", id, "MyRunId", run id, [node…]]`. */
export function formatCluster(info: ClusterInfo): WriteReply {
  if (!info.clustered) return (reply) => reply.bulk("no cluster mode");
  return (reply) => {
    reply.array(5);
    reply.bulk("MyId");
    reply.bulk(info.myId);
    reply.bulk("MyRunId");
    reply.bulk(info.myRunId);
    reply.array(info.shards.length);
    for (const shard of info.shards) writeNode(reply, shard);
  };
}

function writeNode(reply: ReplyWriter, node: ShardNode): void {
  reply.map(8);
  reply.bulk("id");
  reply.bulk(node.id);
  reply.bulk("ip");
  reply.bulk(node.ip);
  reply.bulk("port");
  reply.integer(node.port);
  reply.bulk("unixSocket");
  reply.bulk("None");
  reply.bulk("runid");
  if (node.runId === null) reply.null();
  else reply.bulk(node.runId);
  reply.bulk("minHslot");
  reply.integer(node.minHslot);
  reply.bulk("maxHslot");
  reply.integer(node.maxHslot);
  reply.bulk("pendingMessages");
  reply.integer(node.pendingMessages);
}
