/**
 * Keeps a log of the keys that have expired, about the newest 10,000 on each shard.
 *
 * ```sh
 * deno task deploy examples/expired_log.ts
 * redis-cli -p 6380 SET coupon:1 '10%' PX 100
 * redis-cli -p 6380 --scan --pattern 'expired-log:*'
 * ```
 *
 * @module
 */
import { execute, GearsBuilder, hashtag } from "pinion";

new GearsBuilder("KeysReader")
  .forEach(({ key }) =>
    execute("XADD", `expired-log:{${hashtag()}}`, "MAXLEN", "~", 10_000, "*", "key", key)
  )
  .register({ prefix: "*", eventTypes: ["expired"], readValue: false, mode: "async_local" });
