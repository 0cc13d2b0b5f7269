/**
 * An audit in two links: what happens to keys `audited-*` goes to a stream, and the stream to a
 * sorted set that counts how often each key was changed.
 *
 * ```sh
 * deno task deploy examples/audit_chain.ts
 * redis-cli -p 6380 SET audited-price 10
 * redis-cli -p 6380 INCR audited-price
 * redis-cli -p 6380 ZRANGE audit-counts 0 -1 WITHSCORES
 * ```
 *
 * Each shard has a stream of its own, so that the first link stays local; the counts of all shards
 * come together in one set.
 *
 * @module
 */
import { execute, GearsBuilder, hashtag } from "pinion";

const COUNTS = "audit-counts";

new GearsBuilder("KeysReader", undefined, "audited keys to a stream")
  .forEach(({ key, event }) =>
    execute("XADD", `audit:{${hashtag()}}`, "*", "key", key, "event", event ?? "")
  )
  .register({ prefix: "audited-*", readValue: false, mode: "async_local", name: "audit-stream" });

new GearsBuilder("StreamReader", undefined, "the stream to counts")
  .forEach(({ value }) => execute("ZINCRBY", COUNTS, 1, value.key))
  .register({ prefix: "audit:*", batch: 100, duration: 100, name: "audit-counts" });
