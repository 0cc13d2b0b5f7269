import { assertEquals } from "@std/assert";
import type { Step } from "../../../contract/plan/step.ts";
import { Pipeline } from "../../../isolate/sandbox/pipeline/pipeline.ts";
import { makeContext } from "../../../isolate/sandbox/steps/step_context.ts";
import type { FuseSteps } from "../../../isolate/sandbox/steps/step_runner.ts";

const INCREMENT = { source: "author", index: 0, name: "", text: "n + 1" } as const;
const IS_EVEN = { source: "author", index: 1, name: "", text: "even" } as const;
const STEPS: readonly Step[] = [
  { type: "map", callback: INCREMENT },
  { type: "filter", callback: IS_EVEN },
  { type: "limit", start: 0, length: 2 },
  { type: "map", callback: INCREMENT },
];
const increment = (n: number) => n + 1;
const isEven = (n: number) => n % 2 === 0;
const CALLBACKS = [increment, isEven];

/** Runs the steps over 1 to 9 in batches of three. */
async function run(steps: readonly Step[], fuse?: FuseSteps) {
  const errors: unknown[] = [];
  const results: unknown[] = [];
  const context = makeContext({
    ...{ callbacks: CALLBACKS, fail: (error) => errors.push(error), window: 10, fuse },
  });
  const pipeline = new Pipeline(steps, context, ({ records }) => void results.push(...records));
  for (let from = 1; from < 10; from += 3) {
    await pipeline.push({ records: [from, from + 1, from + 2], keys: null });
  }
  await pipeline.end();
  const figures = pipeline.figures.map(({ recordsIn, recordsOut }) => [recordsIn, recordsOut]);
  return { results, errors, figures, isExhausted: pipeline.isExhausted };
}

Deno.test("batches go through all steps in order, each with its figures", async () => {
  assertEquals(await run(STEPS), {
    results: [3, 5],
    errors: [],
    figures: [[9, 9], [9, 5], [5, 2], [2, 2]],
    isExhausted: true,
  });
});

Deno.test("a language that fuses steps runs them at once, and every step keeps its figures", async () => {
  let fusedBatches = 0;
  const fuse: FuseSteps = ([first, second]) => {
    if (first.type !== "map" || second?.type !== "filter") return null;
    const figures = [
      { recordsIn: 0, recordsOut: 0, durationMs: 0 },
      { recordsIn: 0, recordsOut: 0, durationMs: 0 },
    ];
    return {
      figures,
      run({ records }) {
        fusedBatches++;
        const mapped = (records as number[]).map(increment);
        const kept = mapped.filter(isEven);
        for (const [at, counts] of [[records, mapped], [mapped, kept]].entries()) {
          figures[at].recordsIn += counts[0].length;
          figures[at].recordsOut += counts[1].length;
        }
        return { records: kept, keys: null };
      },
    };
  };
  assertEquals(await run(STEPS, fuse), await run(STEPS));
  assertEquals(fusedBatches, 3);
});
