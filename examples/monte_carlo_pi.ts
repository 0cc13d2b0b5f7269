/**
 * Estimates pi: throws a million darts at a square on each shard and counts those inside the circle.
 *
 * The records come from a generator, so no key is read.
 *
 * ```sh
 * deno task pinion run examples/monte_carlo_pi.ts
 * ```
 *
 * @module
 */
import { GearsBuilder } from "pinion";

const ROUNDS = 100;
const DARTS_PER_ROUND = 10_000;

function* rounds(): Generator<number> {
  for (let round = 0; round < ROUNDS; round++) yield DARTS_PER_ROUND;
}

function countHits(darts: number): number {
  let hits = 0;
  for (let dart = 0; dart < darts; dart++) {
    if (Math.random() ** 2 + Math.random() ** 2 <= 1) hits++;
  }
  return hits;
}

new GearsBuilder("GeneratorReader")
  .map((darts: number) => ({ darts, hits: countHits(darts) }))
  .aggregate(
    { darts: 0, hits: 0 },
    (sum, round) => ({ darts: sum.darts + round.darts, hits: sum.hits + round.hits }),
    (sum, shard) => ({ darts: sum.darts + shard.darts, hits: sum.hits + shard.hits }),
  )
  .map(({ darts, hits }) => ({ pi: 4 * hits / darts, darts }))
  .run(rounds);
