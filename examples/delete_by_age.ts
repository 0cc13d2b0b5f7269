/**
 * Deletes all hashes `user:*` whose field `age` is above 35 and gives their names.
 *
 * ```sh
 * redis-cli -p 6380 HSET user:1 name Ada age 36
 * redis-cli -p 6380 HSET user:2 name Alan age 24
 * deno task pinion run examples/delete_by_age.ts
 * ```
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";

new GearsBuilder("KeysReader")
  .filter((user) => user.type === "hash" && Number(user.value.age) > 35)
  .map((user) => user.key)
  .forEach((key) => execute("UNLINK", key))
  .run("user:*");
