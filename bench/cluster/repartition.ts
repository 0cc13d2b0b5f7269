/**
 * A repartition over three shards: all records to the shards that own their keys.
 *
 * @module
 */

import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { timeMs } from "../harness/take_turns.ts";
import { BenchCluster } from "../support/bench_cluster.ts";
import { readPeakMib, resetPeak } from "../support/process_memory.ts";

const SHARDS = 3;

/** See the module. */
export const repartition: Benchmark = {
  name: "repartition",
  summary: `records of 100 bytes, one for each key, to their shards, of ${SHARDS}`,
  async run({ options: { keys, repeat } }) {
    await using cluster = await BenchCluster.start(SHARDS);
    const { runtimes } = cluster;
    const each = Math.ceil(keys / SHARDS);
    const peaks: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round <= repeat; round++) {
      await cluster.becomeQuiet();
      for (const { pid } of runtimes) await resetPeak(pid);
      const elapsedMs = await timeMs(
        () => runtimes[0].run<number>(script(each)),
        ([count]) => expectCount(count, each * SHARDS),
      );
      if (round === 0) continue;
      rates.push(each * SHARDS / elapsedMs * 1_000);
      peaks.push(Math.max(...await Promise.all(runtimes.map(({ pid }) => readPeakMib(pid)))));
    }
    return [
      makeRow({
        name: "repartition/rate",
        title: `repartition of 100-byte records, ${SHARDS} shards`,
        unit: "records/s",
        ours: summarize(rates),
        target: { of: "value", bound: "atLeast", limit: 400_000 },
      }),
      makeRow({
        name: "repartition/memory",
        title: "the same: peak of a runtime",
        unit: "MiB",
        ours: summarize(peaks),
      }),
    ];
  },
};

function script(each: number): string {
  return `const pad = "x".repeat(92);
    GB("GeneratorReader").repartition((r) => r).count()
      .run(function* () { for (let n = 0; n < ${each}; n++) yield String(n).padStart(8, "0") + pad; });`;
}

function expectCount(count: number, expected: number): void {
  if (count !== expected) throw new Error(`expected ${expected} records, got ${count}`);
}
