/**
 * Prints the lines of `start` once it serves.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import type { ShardReady } from "../../contract/api/shard_ready.ts";
import { renderBox } from "../ui/box.ts";
import type { Output } from "../ui/output.ts";

/**
 * With `--json` the one line that scripts wait for; on a terminal a box of addresses and of what to
 * try; else a line of addresses.
 */
export function showReady(
  ready: ShardReady,
  output: Output,
  options: { readonly ownedRedis?: string },
): void {
  if (output.json) return output.printJson({ ready: true, ...ready });
  const { redis, resp, http, mesh } = ready;
  if (!output.interactive) {
    return output.print(`ready: redis ${redis}, resp ${resp}, http ${http}, mesh ${mesh ?? "-"}`);
  }
  const { bold, dim, cyan, green } = output.style;
  const port = resp.split(":").at(-1);
  const url = `http://${http}`;
  const source = options.ownedRedis === undefined ? "" : dim(` (${options.ownedRedis}, its own)`);
  const elsewhere = http.endsWith(":7480") ? "" : ` --url ${url}`;
  const lines = [
    `${cyan("redis")}  ${redis}${source}`,
    `${cyan("resp ")}  ${resp}`,
    `${cyan("http ")}  ${url}`,
    ...(mesh === null ? [] : [`${cyan("mesh ")}  ${mesh}`]),
    "",
    dim("# run a function over the data, by the Redis protocol or by HTTP"),
    `redis-cli -p ${port} RG.TSEXECUTE 'GB().count().run()'`,
    `curl ${url}/v1/run --data-binary 'GB().count().run()'`,
    dim("# deploy a file, then call what it exports"),
    `${TASK} deploy examples/http_function.ts${elsewhere}`,
    `curl ${url}/invoke/http_function/greet -d '{"name":"Ada"}'`,
    "",
    dim(
      options.ownedRedis === undefined
        ? "Ctrl-C stops it."
        : "Ctrl-C stops it and its Redis with all data; --redis URL uses yours.",
    ),
  ];
  for (const line of renderBox(`${green("●")} ${bold("Pinion is ready")}`, lines, output)) {
    output.print(line);
  }
}
