/**
 * Counts the hashes `movie:*` by their field `genre`.
 *
 * The reader gives names only, so Redis sends one field of each film instead of the whole hash. The
 * `HGET`s are awaited one per record, yet travel together.
 *
 * ```sh
 * redis-cli -p 6380 HSET movie:1 title "The Matrix" genre Action
 * deno task pinion run examples/movies_by_genre.ts
 * ```
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";

new GearsBuilder("KeysOnlyReader")
  .map(async (key) => (await execute("HGET", key, "genre")) ?? "unknown")
  .countBy()
  .run("movie:*");
