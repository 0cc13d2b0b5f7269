/**
 * Deletes all keys that begin with `session:` and says how many there were.
 *
 * ```sh
 * redis-cli -p 6380 MSET session:1 a session:2 b
 * deno task pinion run examples/delete_by_prefix.ts
 * ```
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";

const PREFIX = "session:";

new GearsBuilder("KeysOnlyReader")
  .forEach((key) => execute("UNLINK", key))
  .count()
  .run(`${PREFIX}*`);
