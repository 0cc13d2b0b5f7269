/**
 * Keeps a set of the names of all keys, so that nobody has to SCAN: whenever a key comes or goes, its
 * name is added to `all-keys` or taken out.
 *
 * ```sh
 * deno task deploy examples/key_set.ts
 * redis-cli -p 6380 SET user:1 Ada
 * redis-cli -p 6380 SMEMBERS all-keys
 * ```
 *
 * On a cluster the names travel to the shard that owns the set, so that each command stays local.
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";

const SET = "all-keys";
/** Events by which a key goes away. */
const GONE = new Set(["del", "expired", "evicted", "rename_from"]);

new GearsBuilder("KeysReader")
  .filter(({ key }) => key !== SET)
  .map(({ key, event }) => ({ key, isThere: !GONE.has(event!) }))
  .repartition(() => SET)
  .forEach(({ key, isThere }) => execute(isThere ? "SADD" : "SREM", SET, key))
  .register({ prefix: "*", readValue: false, name: "all-keys" });
