/**
 * RG.INFOCLUSTER, RG.REFRESHCLUSTER.
 *
 * @module
 */

import type { CommandCall } from "./command.ts";
import { formatCluster } from "../replies/format_cluster.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** What this shard knows of its cluster. */
export function infoCluster({ engine }: CommandCall): WriteReply {
  return formatCluster(engine.clusterInfo());
}

/**
 * Reads the topology anew.
 *
 * Differs: it is read about twice a second anyway, and what runs over links that are good goes on.
 */
export async function refreshCluster({ engine }: CommandCall): Promise<WriteReply> {
  await engine.refreshCluster();
  return (reply) => reply.simple("OK");
}
