/**
 * The films: `movie:N`, hashes with a genre.
 *
 * @module
 */

import { seededIntegers } from "./random.ts";
import type { Counts } from "./texts.ts";

const GENRES = [
  "Action",
  "Adventure",
  "Animation",
  "Comedy",
  "Crime",
  "Documentary",
  "Drama",
  "Family",
  "Fantasy",
  "Horror",
  "Musical",
  "Mystery",
  "Romance",
  "Science Fiction",
  "Thriller",
  "War",
  "Western",
];

/** Commands that write the films, and what a count of their genres must give. */
export interface Movies {
  readonly commands: Iterable<readonly (string | number)[]>;
  /** Complete once every command has been taken. */
  readonly counts: Counts;
}

/** `count` films. */
export function makeMovies(count: number, seed: number): Movies {
  const counts = new Map<string, number>();
  return { commands: writeMovies(count, seed, counts), counts };
}

function* writeMovies(
  count: number,
  seed: number,
  counts: Map<string, number>,
): Generator<readonly (string | number)[]> {
  const random = seededIntegers(seed);
  for (let index = 0; index < count; index++) {
    const genre = GENRES[random(GENRES.length)];
    counts.set(genre, (counts.get(genre) ?? 0) + 1);
    yield [
      "HSET",
      `movie:${index}`,
      ...["title", `Film number ${index}`],
      ...["genre", genre],
      ...["year", 1920 + random(105)],
      ...["director", `Director ${random(5_000)}`],
      ...["rating", random(100) / 10],
    ];
  }
}
