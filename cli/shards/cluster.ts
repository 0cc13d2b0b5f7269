/**
 * `cluster`: shards, slots, runtimes, leases, links and their traffic.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { ClusterStatus } from "../../contract/api/cluster_status.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { watch } from "../base/watch.ts";
import { renderCluster } from "./cluster_view.ts";

const ClusterInput = RemoteInput.extend({ watch: z.boolean().default(false) });

/** The command `cluster`. */
export const cluster: Command = defineCommand({
  name: "cluster",
  summary: "show shards, slots, runtimes, leases, links and their traffic",
  details:
    "The runtime that acts for a shard holds its lease; others of the shard stand by. Slots " +
    "are those of Redis Cluster. Of each link it is shown what the first shard sent to the second.",
  options: [["--watch", "look again every second until Ctrl-C"]],
  remote: true,
  examples: [
    [`${PROGRAM} cluster`, "the cluster as this runtime sees it"],
    [`${PROGRAM} cluster --watch --url http://127.0.0.1:7200`, "what goes over its links"],
    [`${PROGRAM} cluster --json`, "all of it for a script"],
  ],
  input: ClusterInput,
  action: () => "show the cluster",
  async run(input, context): Promise<ClusterStatus | undefined> {
    const client = new Client(input);
    const read = (signal: AbortSignal) => client.get(ClusterStatus, "/v1/cluster", { signal });
    if (!input.watch) return await read(context.signal);
    const { output } = context;
    await watch({ read, render: (status) => renderCluster(status, output) }, context);
    return undefined;
  },
  show(status, output): void {
    if (status !== undefined) output.printLines(renderCluster(status, output));
  },
});
