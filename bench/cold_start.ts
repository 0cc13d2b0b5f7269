/**
 * Time to the first result of a script that the runtime has never seen, over HTTP: with an isolate
 * that was started in advance, and without.
 *
 * @module
 */

import type { BenchContext, Benchmark } from "./harness/benchmark.ts";
import { makeRow, type Row } from "./harness/row.ts";
import { type Figure, percentileOf } from "./harness/statistics.ts";
import { timeMs } from "./harness/take_turns.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";

/** Scripts that are not counted. */
const WARM_UP = 5;

/** See the module. */
export const coldStart: Benchmark = {
  name: "cold_start",
  summary: "first result of a new script, with and without a prestarted isolate",
  async run(context) {
    return [
      await measure(context, { name: "prestarted", prestarted: 1, limitMs: 10 }),
      await measure(context, { name: "new_process", prestarted: 0, limitMs: 40 }),
    ];
  },
};

async function measure(
  { options, datasets }: BenchContext,
  { name, prestarted, limitMs }: {
    readonly name: string;
    readonly prestarted: number;
    readonly limitMs: number;
  },
): Promise<Row> {
  const { server } = await datasets.empty();
  await using runtime = await RuntimeProcess.start(server.url, { isolates: { prestarted } });
  const samples: number[] = [];
  for (let count = -WARM_UP; count < options.coldStarts; count++) {
    await runtime.becomeQuiet(prestarted);
    const script = `GB("ShardsIDReader").map(() => ${count}).run();`;
    const elapsedMs = await timeMs(() => runtime.run<number>(script), ([result]) => {
      if (result !== count) throw new Error(`The script gave ${result} instead of ${count}`);
    });
    if (count >= 0) samples.push(elapsedMs);
  }
  return makeRow({
    name: `cold_start/${name}`,
    title: `cold start, ${prestarted === 0 ? "new process" : "prestarted isolate"} (p50)`,
    unit: "ms",
    ours: spread(samples),
    target: { of: "value", bound: "atMost", limit: limitMs },
  });
}

/** Median with p5 and p95 as its bounds: of 100 starts, the slowest says little. */
function spread(samples: readonly number[]): Figure {
  return {
    median: percentileOf(samples, 0.5),
    min: percentileOf(samples, 0.05),
    max: percentileOf(samples, 0.95),
    samples,
  };
}
