/**
 * Words counted by `aggregateBy` over three shards, beside the same without a combiner: a
 * `groupBy`, which sends every word to its shard, as RedisGears does.
 *
 * The words are what texts have: eight for each key of the options, drawn evenly from 100,000,
 * which is the worst case for a combiner (in written language a few words make up most of a text).
 * With the options' default of keys that is 80 of each word, 27 on each shard.
 *
 * @module
 */

import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns, timeMs } from "../harness/take_turns.ts";
import { BenchCluster } from "../support/bench_cluster.ts";

const SHARDS = 3;
const WORDS_PER_KEY = 8;
/** Different words for each key of the options. */
const DISTINCT_PER_KEY = 0.1;

/** How many words each shard makes, of how many. */
interface Words {
  readonly each: number;
  readonly distinct: number;
}

/** What comes out: how many different words, how many in all. */
interface Totals {
  readonly distinct: number;
  readonly words: number;
}

/** See the module. */
export const aggregateBy: Benchmark = {
  name: "aggregate_by",
  summary: `words counted by aggregateBy over ${SHARDS} shards, with and without a combiner`,
  async run({ options: { keys, repeat } }) {
    await using cluster = await BenchCluster.start(SHARDS);
    const [runtime] = cluster.runtimes;
    const words = {
      each: Math.ceil(keys * WORDS_PER_KEY / SHARDS),
      distinct: Math.ceil(keys * DISTINCT_PER_KEY),
    };
    const run = (operation: string) => async () => {
      await cluster.becomeQuiet();
      return await timeMs(
        () => runtime.run<Totals>(script(words, operation)),
        ([totals]) => checkTotals(totals, words),
      );
    };
    const samples = await takeTurns({ ours: run(AGGREGATE_BY), uncombined: run(GROUP_BY) }, repeat);
    const millions = Math.round(words.each * SHARDS / 1e5) / 10;
    return [makeRow({
      name: "aggregate_by/uncombined",
      title: `aggregateBy, ${millions} million words, ${
        words.distinct.toLocaleString("en-US")
      } keys`,
      unit: "ms",
      ours: summarize(samples.ours),
      baseline: { title: "groupBy: nothing combined", figure: summarize(samples.uncombined) },
      target: { of: "ratio", bound: "atMost", limit: 0.6 },
    })];
  },
};

const AGGREGATE_BY = "aggregateBy((w) => w, 0, (_, n) => n + 1, (_, n, part) => n + part)";
const GROUP_BY = "groupBy((w) => w, (_, n) => (n ?? 0) + 1)";

function script({ each, distinct }: Words, operation: string): string {
  return `
    const words = Array.from({ length: ${distinct} }, (_, n) => "word-" + n);
    GB("GeneratorReader")
      .${operation}
      .aggregate(
        { distinct: 0, words: 0 },
        (a, { value }) => ({ distinct: a.distinct + 1, words: a.words + value }),
        (a, b) => ({ distinct: a.distinct + b.distinct, words: a.words + b.words }),
      )
      .run(function* () {
        for (let n = 0; n < ${each}; n++) yield words[Math.floor(Math.random() * words.length)];
      });`;
}

function checkTotals(totals: Totals, { each, distinct }: Words): void {
  if (totals.distinct === distinct && totals.words === each * SHARDS) return;
  throw new Error(
    `expected ${each * SHARDS} words, ${distinct} different ones, got ${JSON.stringify(totals)}`,
  );
}
