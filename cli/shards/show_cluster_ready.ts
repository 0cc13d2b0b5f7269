/**
 * Prints the lines of `start-cluster` once all shards serve.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import type { ReadyLine } from "../../contract/api/shard_ready.ts";
import { renderBox } from "../ui/box.ts";
import type { Output } from "../ui/output.ts";

/** With `--json` or in a pipe a line for each shard; on a terminal a box with what to try. */
export function showClusterReady(
  ready: readonly ReadyLine[],
  output: Output,
  version: string,
): void {
  if (output.json) {
    for (const line of ready) output.printJson(line);
    return;
  }
  if (!output.interactive) {
    for (const { redis, resp, http, mesh } of ready) {
      output.print(`ready: redis ${redis}, resp ${resp}, http ${http}, mesh ${mesh ?? "-"}`);
    }
    return;
  }
  const { bold, dim, cyan, green } = output.style;
  const [{ redis, resp, http }] = ready;
  const port = resp.split(":").at(-1);
  const lines = [
    ...ready.map((line, index) =>
      `${cyan(`shard ${index}`)}  ${line.redis}  resp ${line.resp}  http ${line.http}`
    ),
    "",
    dim("# write keys as to any cluster, then run a function over all of them"),
    `redis-cli -c -p ${redis.split(":").at(-1)} SET text:1 'to be or not to be'`,
    `redis-cli -p ${port} RG.TSEXECUTE 'GB().count().run()'`,
    dim("# see shards, slots, runtimes and links"),
    `${PROGRAM} cluster --url http://${http}`,
    "",
    dim(`Ctrl-C stops it with all data (${version}).`),
  ];
  for (const line of renderBox(`${green("●")} ${bold("The cluster is ready")}`, lines, output)) {
    output.print(line);
  }
}
