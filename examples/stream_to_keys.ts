/**
 * Writes each field of the messages of some streams to a key of its own: `orders` with the fields
 * `id` and `total` gives `orders:id` and `orders:total`.
 *
 * ```sh
 * deno task deploy examples/stream_to_keys.ts
 * redis-cli -p 6380 XADD in:orders '*' id 7 total 120
 * redis-cli -p 6380 MGET in:orders:id in:orders:total
 * ```
 *
 * A message is acknowledged, and trimmed off the stream, when its keys are written. Where that fails
 * it is tried again, and in the end it becomes a dead letter: `deno task pinion dlq list`.
 *
 * @module
 */
import { execute, GearsBuilder } from "pinion";

new GearsBuilder("StreamReader")
  .flatMap(({ key, value }) => Object.entries(value).map(([field, text]) => ({ key, field, text })))
  .forEach(({ key, field, text }) => execute("SET", `${key}:${field}`, text))
  .register({ prefix: "in:*", batch: 100, duration: 10, onFailedPolicy: "retry" });
