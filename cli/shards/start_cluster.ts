/**
 * `start-cluster`: a whole cluster on this machine, until a signal ends it.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { type Command, type CommandContext, defineCommand } from "../base/cli_command.ts";
import { wholeNumber } from "../base/input.ts";
import { untilAborted } from "../base/interrupts.ts";
import { showClusterReady } from "./show_cluster_ready.ts";

const MAX_NODES = 100;

const StartClusterInput = z.object({
  shards: wholeNumber({ min: 1 }).default(3),
  replicas: wholeNumber({ min: 0 }).default(0),
  basePort: wholeNumber({ min: 1 }).default(7000),
}).superRefine(({ shards, replicas, basePort }, context) => {
  if (shards * (1 + replicas) > MAX_NODES) {
    context.addIssue({
      code: "custom",
      path: ["shards"],
      message: `expected ${MAX_NODES} nodes at most, got ${shards * (1 + replicas)}`,
    });
  }
  // The port of a node's bus is 10,000 above its own.
  if (basePort > 55_000) {
    context.addIssue({ code: "custom", path: ["basePort"], message: "expected 55000 at most" });
  }
});
type StartClusterInput = z.output<typeof StartClusterInput>;

/** The command `start-cluster`. */
export const startCluster: Command = defineCommand({
  name: "start-cluster",
  summary: "start a whole Redis cluster on this machine, with a runtime beside each shard",
  details: `Also \`${TASK} cluster\`. Redis listens on the base port and up, RESP 100 above it, ` +
    "HTTP 200, the mesh 300; data end with it. Each runtime is a process of its own and is started " +
    "again when it dies. With --json it prints the line of `start --json` for each shard once all " +
    "of them are linked. PINION_TOKEN is required of every client if it is set.",
  options: [
    ["--shards <n>", "how many shards (default: 3)"],
    ["--replicas <n>", "Redis replicas of each shard (default: 0)"],
    ["--base-port <port>", "first port of Redis (default: 7000)"],
  ],
  examples: [
    [`${TASK} cluster`, "three shards; then redis-cli -p 7100 RG.INFOCLUSTER"],
    [`${TASK} cluster --shards 5 --replicas 1`, "five, each with a replica"],
    [`${TASK} cluster --base-port 17000 --json`, "elsewhere, for a script"],
  ],
  input: StartClusterInput,
  action: () => "start the cluster",
  run: serve,
});

async function serve(
  input: StartClusterInput,
  { output, signal }: CommandContext,
): Promise<undefined> {
  const { LocalCluster } = await import("../cluster/local_cluster.ts");
  const token = Deno.env.get("PINION_TOKEN") || undefined;
  await using cluster = await LocalCluster.start({ ...input, token, output, signal });
  if (!signal.aborted) {
    showClusterReady(cluster.ready, output, cluster.version);
    await untilAborted(signal);
  }
  output.hint("Stopping …");
  return undefined;
}
