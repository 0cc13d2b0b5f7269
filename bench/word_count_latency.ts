/**
 * What another client of the same Redis feels of the word count: p99 of its GETs while nothing else
 * runs, while our script runs, and while a client with ioredis counts the same.
 *
 * @module
 */

import { countWordsInClient } from "./baselines/word_count_client.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow } from "./harness/row.ts";
import { percentileOf, summarize } from "./harness/statistics.ts";
import { takeTurns } from "./harness/take_turns.ts";
import { probeWhile } from "./support/get_probe.ts";
import { connectClient } from "./support/ioredis_client.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";
import { WORD_COUNT_SCRIPT } from "./word_count.ts";

/** How long the idle server is asked. */
const IDLE_MS = 2_000;
const PROBED_KEY = "text:0";

/** See the module. */
export const wordCountLatency: Benchmark = {
  name: "word_count_latency",
  summary: "p99 of another client's GET while the word count runs",
  async run({ options, datasets }) {
    const { server } = await datasets.texts(options.keys);
    await using runtime = await RuntimeProcess.start(server.url);
    using client = await connectClient(server.url);
    const probe = async (work: () => Promise<unknown>) => {
      await runtime.becomeQuiet(1);
      const target = { address: server.address, key: PROBED_KEY };
      return percentileOf(await probeWhile(target, work), 0.99);
    };
    const samples = await takeTurns({
      idle: () => probe(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS))),
      ours: () => probe(() => runtime.run(WORD_COUNT_SCRIPT)),
      ioredis: () => probe(() => countWordsInClient(client.redis)),
    }, options.repeat);
    const row = {
      title: "GET p99 during the word count",
      unit: "ms",
      ours: summarize(samples.ours),
    } as const;
    return [
      makeRow({
        ...row,
        name: "word_count_latency/idle",
        baseline: { title: "GET p99, nothing else runs", figure: summarize(samples.idle) },
        target: { of: "ratio", bound: "below", limit: 3 },
      }),
      makeRow({
        ...row,
        name: "word_count_latency/ioredis",
        baseline: { title: "GET p99, ioredis counts", figure: summarize(samples.ioredis) },
      }),
    ];
  },
};
