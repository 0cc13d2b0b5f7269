/**
 * The mean rating of each director with five films or more among the hashes `movie:*`, best first.
 *
 * Each shard sums up its own films; only the sums travel.
 *
 * ```sh
 * redis-cli -p 6380 HSET movie:1 title Alien director "Ridley Scott" rating 8.5
 * deno task pinion run examples/rating_by_director.ts
 * ```
 *
 * @module
 */
import { GearsBuilder } from "pinion";

new GearsBuilder("KeysReader")
  .filter((movie) => movie.type === "hash")
  .filter(({ value }) => "director" in value && "rating" in value)
  .aggregateBy(
    (movie) => movie.value.director,
    { films: 0, sum: 0 },
    (_director, { films, sum }, movie) => ({
      films: films + 1,
      sum: sum + Number(movie.value.rating),
    }),
    (_director, a, b) => ({ films: a.films + b.films, sum: a.sum + b.sum }),
  )
  .filter(({ value }) => value.films >= 5)
  .map(({ key, value }) => ({
    director: key,
    films: value.films,
    rating: Math.round(value.sum / value.films * 100) / 100,
  }))
  .sort((a, b) => b.rating - a.rating)
  .run("movie:*");
