/**
 * `deno task bench`: every benchmark side by side in one run, on real Redis servers.
 *
 * @module
 */

import { relative } from "node:path";
import { aggregateBy } from "./cluster/aggregate_by.ts";
import { links } from "./cluster/links.ts";
import { mesh } from "./cluster/mesh.ts";
import { repartition } from "./cluster/repartition.ts";
import { simulated } from "./cluster/simulated.ts";
import { clusterWordCount } from "./cluster/word_count.ts";
import { coldStart } from "./cold_start.ts";
import { Datasets } from "./data/datasets.ts";
import { keyEvents } from "./events/keys.ts";
import { streams } from "./events/streams.ts";
import { triggers } from "./events/triggers.ts";
import { fuzz } from "./fuzz.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { writeResults } from "./harness/results_file.ts";
import type { Row } from "./harness/row.ts";
import { renderRows } from "./harness/table.ts";
import { invoke } from "./invoke.ts";
import { moviesByGenre } from "./movies_by_genre.ts";
import { type BenchRequest, parseOptions, USAGE } from "./options.ts";
import { wordCount } from "./word_count.ts";
import { wordCountLatency } from "./word_count_latency.ts";
import { wordCountMemory } from "./word_count_memory.ts";

/** In the order in which they run. */
const BENCHMARKS: readonly Benchmark[] = [
  wordCount,
  wordCountLatency,
  wordCountMemory,
  moviesByGenre,
  invoke,
  triggers,
  coldStart,
  streams,
  keyEvents,
  fuzz,
];

/** Those of `--cluster`. */
const CLUSTER_BENCHMARKS: readonly Benchmark[] = [
  clusterWordCount,
  repartition,
  aggregateBy,
  mesh,
  links,
  simulated,
];

/** Load average per core from which others are in the way. */
const BUSY_LOAD = 0.5;

/** Runs what the command line asks for; gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let request: BenchRequest;
  try {
    request = parseOptions(args);
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
  if (request.isHelp) {
    console.log(
      `${USAGE}\nBenchmarks:\n${list(BENCHMARKS)}\nWith --cluster:\n${list(CLUSTER_BENCHMARKS)}`,
    );
    return 0;
  }
  const benchmarks = request.isCluster ? CLUSTER_BENCHMARKS : BENCHMARKS;
  const chosen = benchmarks.filter(({ name }) =>
    request.only.length === 0 || request.only.some((prefix) => name.startsWith(prefix))
  );
  if (chosen.length === 0) {
    const names = benchmarks.map(({ name }) => name).join(", ");
    console.error(`No benchmark begins with ${request.only.join(" or ")}; there are ${names}`);
    return 2;
  }
  await runAll(chosen, request);
  return 0;
}

function list(benchmarks: readonly Benchmark[]): string {
  return benchmarks.map(({ name, summary }) => `  ${name.padEnd(19)} ${summary}`).join("\n");
}

async function runAll(
  benchmarks: readonly Benchmark[],
  { isHelp: _isHelp, isCluster: _isCluster, only: _only, json, ...options }: BenchRequest,
): Promise<void> {
  const startedAt = new Date();
  const machine = await describeMachine();
  note(
    `${machine.cores} cores of ${machine.cpu}, ${machine.redis}, deno ${machine.deno}, ` +
      `load ${machine.loadAverage.join(" ")}`,
  );
  if (machine.loadAverage[0] > machine.cores * BUSY_LOAD) {
    note("this machine is busy with other work: the figures will not say much");
  }
  await using datasets = new Datasets(options.seed, note);
  const rows: Row[] = [];
  for (const { name, summary, run } of benchmarks) {
    note(`${name}: ${summary}`);
    rows.push(...await run({ options, datasets }));
  }
  console.log(renderRows(rows));
  const elapsedMs = Date.now() - startedAt.getTime();
  await writeResults(json, {
    startedAt: startedAt.toISOString(),
    elapsedMs,
    machine,
    options,
    rows,
  });
  note(`written to ${relative(Deno.cwd(), json)}`);
}

/** What goes on, on stderr: stdout holds the table. */
function note(line: string): void {
  console.error(`· ${line}`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
