/**
 * `cluster`: the shards and which slots each one owns.
 *
 * @module
 */

import { ClusterStatus } from "../../runtime/http/schemas.ts";
import { Client, RemoteInput } from "../client.ts";
import { type Command, defineCommand } from "../command.ts";

/** See the module. */
export const cluster: Command = defineCommand({
  name: "cluster",
  summary: "show the shards and the slots that each one owns",
  remote: true,
  examples: [
    ["deno task pinion cluster", "the shards as this runtime sees them"],
    ["deno task pinion cluster --url http://127.0.0.1:7490 --json", "as another one does, in JSON"],
  ],
  input: RemoteInput,
  action: () => "show the cluster",
  run: (input, { signal }) => new Client(input).get(ClusterStatus, "/v1/cluster", { signal }),
  show({ clustered, myId, shards }, output): void {
    if (!clustered) output.hint("One shard: no cluster mode.");
    output.printTable([
      { title: "shard", value: (row) => row.id },
      { title: "address", value: (row) => `${row.ip}:${row.port}` },
      { title: "slots", value: (row) => `${row.minHslot}-${row.maxHslot}` },
      { title: "waiting", value: (row) => row.pendingMessages, align: "right" },
      { title: "this", value: (row) => row.id === myId ? "yes" : "" },
    ], shards);
  },
});
