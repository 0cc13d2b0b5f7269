/**
 * The data of the demo: films as hashes `movie:N`, the lines of Moby-Dick as strings `text:N`.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import type { DemoStore } from "./demo_store.ts";

/**
 * 3,201 films. Not a literal in `import()`: that would be fetched with every command, not just with
 * the demo.
 */
const MOVIES_MODULE = "npm:vega-datasets@1.31.1/data/movies.json";
const MOBY_DICK = new URL("../../examples/data/moby-dick.txt", import.meta.url);
/** Prefixes of the keys that the demo writes. */
const PREFIXES = ["movie:", "text:", "visits:", "premieres"];

const Movie = z.object({
  Title: z.union([z.string(), z.number()]).nullable(),
  Major_Genre: z.string().nullable(),
  Director: z.string().nullable(),
  IMDB_Rating: z.number().nullable(),
  Release_Date: z.string().nullable(),
});

/** Amount of data that was loaded. */
export interface LoadedData {
  readonly movies: number;
  readonly lines: number;
}

/** Loads both. @throws `REDIS_ERROR` if Redis refuses a command */
export async function loadDemoData(store: DemoStore): Promise<LoadedData> {
  const [movies, lines] = await Promise.all([readMovies(), readLines()]);
  await store.sendAll(movies.map((fields, index) => ["hset", `movie:${index + 1}`, ...fields]));
  await store.sendAll(lines.map((line, index) => ["set", `text:${index + 1}`, line]));
  return { movies: movies.length, lines: lines.length };
}

/**
 * Looks before it loads. @throws `NOT_PERMITTED` if there are keys that the demo would overwrite
 */
export async function requireNoDemoData(store: DemoStore): Promise<void> {
  for (const prefix of PREFIXES) {
    if ((await store.scan(`${prefix}*`)).length > 0) {
      throw new PinionError(
        "NOT_PERMITTED",
        `That Redis has keys ${prefix}* already, which the demo would overwrite; ` +
          "choose another one, or another database of it (redis://host:6379/9)",
      );
    }
  }
}

/** Deletes what the demo wrote. */
export async function removeDemoData(store: DemoStore): Promise<void> {
  for (const prefix of PREFIXES) {
    const keys = await store.scan(`${prefix}*`);
    await store.sendAll(keys.map((key) => ["unlink", key]));
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
