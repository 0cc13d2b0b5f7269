/**
 * Counts films by genre: by a script of ours with an HGET per record, by a client with ioredis.
 * Twice: in a database that holds nothing else, and among ten times as many texts, where most of
 * the time is the server's own for SCAN.
 *
 * @module
 */

import { countGenresInClient } from "./baselines/movies_client.ts";
import { measureServerFloor } from "./baselines/server_floor.ts";
import type { Dataset } from "./data/datasets.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow, type Row } from "./harness/row.ts";
import { summarize } from "./harness/statistics.ts";
import { takeTurns, timeMs } from "./harness/take_turns.ts";
import { checkCounts, toCounts } from "./support/check_counts.ts";
import { connectClient } from "./support/ioredis_client.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";

const SCRIPT = `
  GB("KeysOnlyReader")
    .map(async (key) => await execute("HGET", key, "genre"))
    .countBy()
    .run("movie:*");`;
const PATTERN = "movie:*";

/** See the module. */
export const moviesByGenre: Benchmark = {
  name: "movies_by_genre",
  summary: "films by genre with an HGET per film, beside a client with ioredis",
  async run({ options, datasets }) {
    const alone = await datasets.movies(Math.ceil(options.keys / 10));
    const among = await datasets.texts(options.keys);
    return [
      ...await compare(alone, options.repeat, { name: "alone", title: "films by genre" }),
      ...await compare(among, options.repeat, {
        name: "among_texts",
        title: "films by genre, among texts",
      }),
    ];
  },
};

async function compare(
  { server, genres }: Dataset,
  repeat: number,
  { name, title }: { readonly name: string; readonly title: string },
): Promise<Row[]> {
  await using runtime = await RuntimeProcess.start(server.url);
  using client = await connectClient(server.url);
  const samples = await takeTurns({
    async ours() {
      await runtime.becomeQuiet(1);
      return await timeMs(
        () => runtime.run<{ key: string; value: number }>(SCRIPT),
        (results) => checkCounts("ours", toCounts(results), genres),
      );
    },
    ioredis: () =>
      timeMs(
        () => countGenresInClient(client.redis),
        (counts) => checkCounts("ioredis", counts, genres),
      ),
    async floor() {
      const { scanMs, hgetMs } = await measureServerFloor(server.address, PATTERN);
      return scanMs + hgetMs;
    },
  }, repeat);
  const row = { title, unit: "ms", ours: summarize(samples.ours) } as const;
  return [
    makeRow({
      ...row,
      name: `movies_by_genre/${name}`,
      baseline: { title: "ioredis, SCAN + HGET pipeline", figure: summarize(samples.ioredis) },
      target: { of: "ratio", bound: "atMost", limit: 0.4 },
    }),
    makeRow({
      ...row,
      name: `movies_by_genre/${name}/floor`,
      baseline: { title: "Redis alone: SCAN + HGET", figure: summarize(samples.floor) },
    }),
  ];
}
