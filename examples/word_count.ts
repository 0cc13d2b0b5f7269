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

function words(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

new GearsBuilder("KeysReader")
  .filter((record) => record.type === "string")
  .flatMap((record) => words(String(record.value)))
  .countBy()
  .run("text:*");
