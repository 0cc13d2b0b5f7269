/**
 * `cluster`: shards, slots, runtimes, leases, links and their traffic.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { ClusterStatus } from "../../runtime/http/schemas.ts";
import { Client, RemoteInput } from "../client.ts";
import { type Command, type CommandContext, defineCommand } from "../command.ts";
import { renderCluster } from "./cluster_view.ts";

/** Time between two looks, in milliseconds. */
const WATCH_MS = 1_000;
/** Goes to the top of the terminal and clears what is below. */
const CLEAR = "\x1b[H\x1b[J";

const ClusterInput = RemoteInput.extend({ watch: z.boolean().default(false) });
type ClusterInput = z.output<typeof ClusterInput>;

/** See the module. */
export const cluster: Command = defineCommand({
  name: "cluster",
  summary: "show shards, slots, runtimes, leases, links and their traffic",
  details:
    "The runtime that acts for a shard holds its lease; others of the shard stand by. Slots " +
    "are those of Redis Cluster. Of each link it is shown what the first shard sent to the second.",
  options: [["--watch", "look again every second until Ctrl-C"]],
  remote: true,
  examples: [
    ["deno task pinion cluster", "the cluster as this runtime sees it"],
    ["deno task pinion cluster --watch --url http://127.0.0.1:7200", "what goes over its links"],
    ["deno task pinion cluster --json", "all of it for a script"],
  ],
  input: ClusterInput,
  action: () => "show the cluster",
  async run(input, context): Promise<ClusterStatus | undefined> {
    if (!input.watch) return await read(new Client(input), context.signal);
    await watch(input, context);
    return undefined;
  },
  show(status, output): void {
    if (status !== undefined) output.printLines(renderCluster(status, output));
  },
});

function read(client: Client, signal: AbortSignal): Promise<ClusterStatus> {
  return client.get(ClusterStatus, "/v1/cluster", { signal });
}

/** Shows it until Ctrl-C; a runtime that is away for a while ends nothing. */
async function watch(input: ClusterInput, { output, signal }: CommandContext): Promise<void> {
  const client = new Client(input);
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const status = await read(client, signal);
      if (output.json) output.printJson(status);
      else {
        if (output.interactive) output.print(CLEAR);
        output.printLines(renderCluster(status, output));
      }
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = PinionError.from(error);
      if (isFirst || code !== "RUNTIME_UNREACHABLE") throw error;
      output.note(message);
    }
    isFirst = false;
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, WATCH_MS);
  const end = () => resolve();
  signal.addEventListener("abort", end, { once: true });
  await promise;
  signal.removeEventListener("abort", end);
  clearTimeout(timer);
}
