/**
 * Gives every hash `movie:*` a field `slug`, made of its title by the npm package `@sindresorhus/slugify`.
 *
 * `run` and `deploy` bundle packages and relative imports, so nothing needs to be installed where
 * the runtime is.
 *
 * ```sh
 * redis-cli -p 6380 HSET movie:1 title "Crème brûlée & other films"
 * deno task pinion run examples/npm_package.ts
 * redis-cli -p 6380 HGET movie:1 slug
 * ```
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";
// deno-lint-ignore no-import-prefix -- the file shall run wherever it is copied to
import slugify from "npm:@sindresorhus/slugify@3.0.0";

new GearsBuilder("KeysReader")
  .filter((movie) => movie.type === "hash")
  .filter((movie) => movie.value.title !== undefined)
  .map((movie) => ({ key: movie.key, slug: slugify(String(movie.value.title)) }))
  .forEach(({ key, slug }) => execute("HSET", key, "slug", slug))
  .run("movie:*");
