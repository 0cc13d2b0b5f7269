/**
 * RG.INFOCLUSTER.
 *
 * @module
 */

import type { CommandCall } from "./command.ts";
import { formatCluster } from "./format_cluster.ts";
import type { WriteReply } from "./reply_writer.ts";

/** What this shard knows of its cluster. */
export function infoCluster({ engine }: CommandCall): WriteReply {
  return formatCluster(engine.clusterInfo());
}
