/**
 * Counts the words of all strings `text:*`.
 *
 * ```sh
 * redis-cli -p 6380 SET text:1 "to be or not to be"
 * deno task pinion run examples/word_count.ts
 * ```
 *
 * @module
 */
import { GearsBuilder } from "pinion";

new GearsBuilder("KeysReader")
  .filter((record) => record.type === "string")
  .flatMap((record) => String(record.value).toLowerCase().match(/\p{L}+/gu) ?? [])
  .countBy()
  .run("text:*");
