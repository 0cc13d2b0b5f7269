/**
 * Gives every new session an hour to live, whoever wrote it.
 *
 * ```sh
 * deno task deploy examples/expire_automatically.ts --env SECONDS=3600
 * redis-cli -p 6380 SET session:1 Ada
 * redis-cli -p 6380 TTL session:1
 * ```
 *
 * @module
 */
import { env, execute, GearsBuilder } from "pinion";

const SECONDS = Number(env.SECONDS ?? 3600);

new GearsBuilder("KeysReader")
  .forEach(({ key }) => execute("EXPIRE", key, SECONDS, "NX"))
  .register({ prefix: "session:*", eventTypes: ["set", "hset"], readValue: false });
