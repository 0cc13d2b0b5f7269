/**
 * Peak memory of the runtime and of the isolate during the word count, with a tenth of the keys and
 * with all of them: it must not grow with their number.
 *
 * @module
 */

import type { Dataset } from "./data/datasets.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow, type Row } from "./harness/row.ts";
import { summarize } from "./harness/statistics.ts";
import { listChildren, readPeakMib, resetPeak } from "./support/process_memory.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";
import { WORD_COUNT_SCRIPT } from "./word_count.ts";

/** Time between two looks at the isolate, which is gone when the script is over. */
const LOOK_MS = 5;
const GROWTH_LIMIT = 1.2;

/** See the module. */
export const wordCountMemory: Benchmark = {
  name: "word_count_memory",
  summary: "peak memory of the word count, ten times the keys",
  async run({ options, datasets }) {
    // Only Linux tells the peak of another process.
    if (Deno.build.os !== "linux") return [];
    const [few, many] = [
      await datasets.texts(Math.ceil(options.keys / 10)),
      await datasets.texts(options.keys),
    ];
    const peaks = { few: [] as Peak[], many: [] as Peak[] };
    for (let round = 0; round < options.repeat; round++) {
      peaks.few.push(await measurePeak(few));
      peaks.many.push(await measurePeak(many));
    }
    return [
      row("runtime", "memory of the runtime, word count", peaks, ({ runtimeMib }) => runtimeMib),
      row("isolate", "memory of the isolate, word count", peaks, ({ isolateMib }) => isolateMib),
    ];
  },
};

interface Peak {
  readonly runtimeMib: number;
  readonly isolateMib: number;
}

function row(
  name: string,
  title: string,
  peaks: Readonly<Record<"few" | "many", readonly Peak[]>>,
  valueOf: (peak: Peak) => number,
): Row {
  return makeRow({
    name: `word_count_memory/${name}`,
    title,
    unit: "MiB",
    ours: summarize(peaks.many.map(valueOf)),
    baseline: { title: "a tenth of the keys", figure: summarize(peaks.few.map(valueOf)) },
    target: { of: "ratio", bound: "atMost", limit: GROWTH_LIMIT },
  });
}

/** Runs the script in a fresh runtime. */
async function measurePeak({ server }: Dataset): Promise<Peak> {
  await using runtime = await RuntimeProcess.start(server.url);
  await runtime.becomeQuiet(1);
  await resetPeak(runtime.pid);
  const running = runtime.run(WORD_COUNT_SCRIPT);
  let isolateMib = 0;
  const isOver = running.then(() => true, () => true);
  const nextLook = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), LOOK_MS));
  while (!await Promise.race([isOver, nextLook()])) {
    // One of them runs the script, another waits for the next one: the former is the larger.
    const children = await listChildren(runtime.pid);
    isolateMib = Math.max(isolateMib, ...await Promise.all(children.map(readPeakMib)));
  }
  await running;
  return { runtimeMib: await readPeakMib(runtime.pid), isolateMib };
}
