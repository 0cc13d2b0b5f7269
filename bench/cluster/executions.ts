/**
 * Distributed executions over three shards of one machine: a count of words beside one shard with the
 * same keys, a repartition, and an aggregation with and without combining before the shuffle.
 *
 * @module
 */

import { makeTexts } from "../data/texts.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns, timeMs } from "../harness/take_turns.ts";
import { BenchCluster } from "../support/bench_cluster.ts";
import { checkCounts, toCounts } from "../support/check_counts.ts";
import { readPeakMib, resetPeak } from "../support/process_memory.ts";
import { RuntimeProcess } from "../support/runtime_process.ts";
import { WORD_COUNT_SCRIPT } from "../word_count.ts";

const SHARDS = 3;
/** Different keys of the aggregation, for each key of the options. */
const KEYS_PER_KEY = 0.1;

type WordCount = { key: string; value: number };

/** See the module. */
export const clusterWordCount: Benchmark = {
  name: "word_count",
  summary: `words of all texts over ${SHARDS} shards, beside one shard with the same keys`,
  async run({ options, datasets }) {
    const { server, words } = await datasets.texts(options.keys);
    await using single = await RuntimeProcess.start(server.url);
    await using cluster = await BenchCluster.start(SHARDS);
    await cluster.load(eachText(options.keys, options.seed));
    const count = (runtimes: readonly RuntimeProcess[], who: string) => async () => {
      for (const runtime of runtimes) await runtime.becomeQuiet(1);
      return await timeMs(
        () => runtimes[0].run<WordCount>(WORD_COUNT_SCRIPT),
        (results) => checkCounts(who, toCounts(results), words),
      );
    };
    const samples = await takeTurns({
      ours: count(cluster.runtimes, "the cluster"),
      single: count([single], "one shard"),
    }, options.repeat);
    return [makeRow({
      name: "cluster_word_count/single",
      title: `word count, ${SHARDS} shards`,
      unit: "ms",
      ours: summarize(samples.ours),
      baseline: { title: "one shard", figure: summarize(samples.single) },
      target: { of: "ratio", bound: "atMost", limit: 1 },
    })];
  },
};

/** See the module. */
export const clusterShuffles: Benchmark = {
  name: "shuffles",
  summary: `a repartition and an aggregation over ${SHARDS} shards`,
  async run({ options }) {
    await using cluster = await BenchCluster.start(SHARDS);
    const [runtime] = cluster.runtimes;
    const each = Math.ceil(options.keys / SHARDS);
    const peaks: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round <= options.repeat; round++) {
      for (const { pid } of cluster.runtimes) await resetPeak(pid);
      const elapsedMs = await timeMs(
        () => runtime.run<number>(repartition(each)),
        ([count]) => expectCount(count, each * SHARDS),
      );
      if (round === 0) continue;
      rates.push(each * SHARDS / elapsedMs * 1_000);
      peaks.push(
        Math.max(...await Promise.all(cluster.runtimes.map(({ pid }) => readPeakMib(pid)))),
      );
    }
    const distinct = Math.ceil(options.keys * KEYS_PER_KEY);
    const samples = await takeTurns({
      ours: () =>
        timeMs(
          () => runtime.run<number>(aggregate(each, distinct)),
          ([count]) => expectCount(count, Math.min(each, distinct)),
        ),
      uncombined: () =>
        timeMs(
          () => runtime.run<number>(group(each, distinct)),
          ([count]) => expectCount(count, Math.min(each, distinct)),
        ),
    }, options.repeat);
    return [
      makeRow({
        name: "shuffles/repartition",
        title: `repartition of 100-byte records, ${SHARDS} shards`,
        unit: "records/s",
        ours: summarize(rates),
        target: { of: "value", bound: "atLeast", limit: 400_000 },
      }),
      makeRow({
        name: "shuffles/memory",
        title: "the same: peak of a runtime",
        unit: "MiB",
        ours: summarize(peaks),
      }),
      makeRow({
        name: "shuffles/aggregate_by",
        title: `aggregateBy, ${distinct.toLocaleString("en-US")} keys`,
        unit: "ms",
        ours: summarize(samples.ours),
        baseline: { title: "without combining", figure: summarize(samples.uncombined) },
        target: { of: "ratio", bound: "atMost", limit: 0.6 },
      }),
    ];
  },
};

function* eachText(count: number, seed: number): Generator<readonly string[]> {
  for (const [, ...pairs] of makeTexts(count, seed).commands) {
    for (let at = 0; at < pairs.length; at += 2) yield ["SET", pairs[at], pairs[at + 1]];
  }
}

function repartition(each: number): string {
  return `const pad = "x".repeat(92);
    GB("GeneratorReader").repartition((r) => r).count()
      .run(function* () { for (let n = 0; n < ${each}; n++) yield String(n).padStart(8, "0") + pad; });`;
}

/** As RedisGears does it: every record travels. */
function group(each: number, distinct: number): string {
  return `GB("GeneratorReader").groupBy((r) => r, (k, a, r) => (a ?? 0) + 1).count()
    .run(${numbers(each, distinct)});`;
}

function aggregate(each: number, distinct: number): string {
  return `GB("GeneratorReader")
    .aggregateBy((r) => r, 0, (k, a, r) => a + 1, (k, a, p) => a + p).count()
    .run(${numbers(each, distinct)});`;
}

/** Keys in an order that is not theirs, each shard's from a place of its own. */
function numbers(each: number, distinct: number): string {
  return `function* () { for (let n = 0; n < ${each}; n++) yield n * 7919 % ${distinct}; }`;
}

function expectCount(count: number, expected: number): void {
  if (count !== expected) throw new Error(`expected ${expected} records, got ${count}`);
}
