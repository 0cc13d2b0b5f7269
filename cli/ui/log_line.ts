/**
 * Log lines of functions.
 *
 * @module
 */

import { formatTime } from "./format.ts";
import type { Output } from "./output.ts";

/** Prints a log line: time, level, message; split by tabs where nobody watches. */
export function printLogLine(
  line: { readonly time: number; readonly level: string; readonly message: string },
  output: Output,
): void {
  const { style } = output;
  const time = formatTime(line.time);
  if (!output.interactive) return output.print([time, line.level, line.message].join("\t"));
  const message = line.level === "warning" ? style.yellow(line.message) : line.message;
  output.print(`${style.dim(time)} ${style.dim(line.level.padEnd(7))} ${message}`);
}
