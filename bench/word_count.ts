/**
 * Counts the words of all texts: by a script of ours, by a Lua script, by a client with ioredis.
 *
 * @module
 */

import { countWordsInClient } from "./baselines/word_count_client.ts";
import { countWordsInLua } from "./baselines/word_count_lua.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow } from "./harness/row.ts";
import { summarize } from "./harness/statistics.ts";
import { takeTurns, timeMs } from "./harness/take_turns.ts";
import { checkCounts, toCounts } from "./support/check_counts.ts";
import { connectClient } from "./support/ioredis_client.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";

/** Of the issue: what a person writes. */
export const WORD_COUNT_SCRIPT = `
  GB("KeysReader")
    .map((r) => r.value)
    .flatMap((s) => s.split(" "))
    .countBy()
    .run("text:*");`;

/** See the module. */
export const wordCount: Benchmark = {
  name: "word_count",
  summary: "words of all texts, beside one Lua EVAL and a client with ioredis",
  async run({ options, datasets }) {
    const { server, words } = await datasets.texts(options.keys);
    await using runtime = await RuntimeProcess.start(server.url);
    using client = await connectClient(server.url);
    const samples = await takeTurns({
      async ours() {
        await runtime.becomeQuiet(1);
        return await timeMs(
          () => runtime.run<{ key: string; value: number }>(WORD_COUNT_SCRIPT),
          (results) => checkCounts("ours", toCounts(results), words),
        );
      },
      lua: () =>
        timeMs(
          () => countWordsInLua(server.address),
          (counts) => checkCounts("Lua", counts, words),
        ),
      ioredis: () =>
        timeMs(
          () => countWordsInClient(client.redis),
          (counts) => checkCounts("ioredis", counts, words),
        ),
    }, options.repeat);
    const row = { title: "word count", unit: "ms", ours: summarize(samples.ours) } as const;
    return [
      makeRow({
        ...row,
        name: "word_count/lua",
        baseline: { title: "one Lua EVAL", figure: summarize(samples.lua) },
        target: { of: "ratio", bound: "atMost", limit: 0.7 },
      }),
      makeRow({
        ...row,
        name: "word_count/ioredis",
        baseline: { title: "ioredis, SCAN + MGET", figure: summarize(samples.ioredis) },
        target: { of: "ratio", bound: "atMost", limit: 0.55 },
      }),
    ];
  },
};
