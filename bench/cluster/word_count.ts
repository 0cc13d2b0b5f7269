/**
 * A count of words over three shards of one machine, beside one shard with the same keys.
 *
 * @module
 */

import { ManagedServer } from "../../servers/managed_server.ts";
import { load } from "../data/load.ts";
import { makeTexts, type Texts } from "../data/texts.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns, timeMs } from "../harness/take_turns.ts";
import { BenchCluster } from "../support/bench_cluster.ts";
import { checkCounts, toCounts } from "../support/check_counts.ts";
import { RuntimeProcess } from "../support/runtime_process.ts";
import { WORD_COUNT_SCRIPT } from "../word_count.ts";

const SHARDS = 3;

type WordCount = { key: string; value: number };

/** See the module. */
export const clusterWordCount: Benchmark = {
  name: "word_count",
  summary: `words of all texts over ${SHARDS} shards, beside one shard with the same keys`,
  async run({ options: { keys, seed, repeat } }) {
    const texts = makeTexts(keys, seed);
    await using server = await ManagedServer.start({ installIfMissing: true });
    await load(server.address, texts.commands);
    await using single = await RuntimeProcess.start(server.url);
    await using cluster = await BenchCluster.start(SHARDS);
    await cluster.load(eachText(makeTexts(keys, seed)));
    const count = (runtime: RuntimeProcess, who: string) => async () => {
      await single.becomeQuiet(1);
      await cluster.becomeQuiet();
      return await timeMs(
        () => runtime.run<WordCount>(WORD_COUNT_SCRIPT),
        (results) => checkCounts(who, toCounts(results), texts.counts),
      );
    };
    const samples = await takeTurns({
      ours: count(cluster.runtimes[0], "the cluster"),
      single: count(single, "one shard"),
    }, repeat);
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

/** A command for each text: in a cluster MSET is for keys of one slot. */
function* eachText({ commands }: Texts): Generator<readonly string[]> {
  for (const [, ...pairs] of commands) {
    for (let at = 0; at < pairs.length; at += 2) yield ["SET", pairs[at], pairs[at + 1]];
  }
}
