/**
 * The data of the demo: films as hashes `movie:N`, the lines of Moby-Dick as strings `text:N`.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { z } from "zod";
import { PinionError } from "../../errors.ts";

/**
 * 3,201 films. Not a literal in `import()`: that would be fetched with every command, not just with
 * the demo.
 */
const MOVIES_MODULE = "npm:vega-datasets@1.31.1/data/movies.json";
const MOBY_DICK = new URL("../../examples/data/moby-dick.txt", import.meta.url);
/** What the demo writes. */
const PREFIXES = ["movie:", "text:", "visits:"];
const PIPELINE_LENGTH = 2_000;

const Movie = z.object({
  Title: z.union([z.string(), z.number()]).nullable(),
  Major_Genre: z.string().nullable(),
  Director: z.string().nullable(),
  IMDB_Rating: z.number().nullable(),
  Release_Date: z.string().nullable(),
});

/** How much was loaded. */
export interface LoadedData {
  readonly movies: number;
  readonly lines: number;
}

/** Loads both. @throws `REDIS_ERROR` if Redis refuses a command */
export async function loadDemoData(redis: Redis): Promise<LoadedData> {
  const [movies, lines] = await Promise.all([readMovies(), readLines()]);
  await sendAll(redis, movies.map((fields, index) => ["hset", `movie:${index + 1}`, ...fields]));
  await sendAll(redis, lines.map((line, index) => ["set", `text:${index + 1}`, line]));
  return { movies: movies.length, lines: lines.length };
}

/** Looks before it loads. @throws `NOT_PERMITTED` if there are keys that the demo would overwrite */
export async function requireNoDemoData(redis: Redis): Promise<void> {
  for (const prefix of PREFIXES) {
    if ((await scan(redis, `${prefix}*`)).length > 0) {
      throw new PinionError(
        "NOT_PERMITTED",
        `That Redis has keys ${prefix}* already, which the demo would overwrite; ` +
          "choose another one, or another database of it (redis://host:6379/9)",
      );
    }
  }
}

/** Deletes what the demo wrote. */
export async function removeDemoData(redis: Redis): Promise<void> {
  for (const prefix of PREFIXES) {
    const keys = await scan(redis, `${prefix}*`);
    for (let at = 0; at < keys.length; at += PIPELINE_LENGTH) {
      await redis.unlink(...keys.slice(at, at + PIPELINE_LENGTH));
    }
  }
}

/** Field and value, one after the other, of each film; what is not known is left out. */
async function readMovies(): Promise<string[][]> {
  const module = await import(MOVIES_MODULE, { with: { type: "json" } }).catch((cause) => {
    throw new PinionError(
      "NOT_FOUND",
      "The films of npm:vega-datasets cannot be loaded; the npm registry has to be reachable the " +
        "first time",
      { cause },
    );
  });
  return z.array(Movie).parse(module.default).map((movie) =>
    Object.entries({
      title: movie.Title,
      genre: movie.Major_Genre,
      director: movie.Director,
      rating: movie.IMDB_Rating,
      released: movie.Release_Date,
    }).flatMap(([name, value]) => value === null ? [] : [name, String(value)])
  ).filter((fields) => fields.length > 0);
}

/** The lines that are not empty. */
async function readLines(): Promise<string[]> {
  const text = await Deno.readTextFile(MOBY_DICK);
  return text.split("\n").filter((line) => line.trim() !== "");
}

async function sendAll(redis: Redis, commands: readonly string[][]): Promise<void> {
  for (let at = 0; at < commands.length; at += PIPELINE_LENGTH) {
    const replies = await redis.pipeline(commands.slice(at, at + PIPELINE_LENGTH)).exec();
    const failed = replies?.find(([error]) => error !== null)?.[0];
    if (failed) throw new PinionError("REDIS_ERROR", failed.message);
  }
}

async function scan(redis: Redis, pattern: string): Promise<string[]> {
  const keys = new Set<string>();
  for await (const batch of redis.scanStream({ match: pattern, count: 1_000 })) {
    for (const key of batch as string[]) keys.add(key);
  }
  return [...keys];
}
