/**
 * Log lines of functions and of the runtime.
 *
 * @module
 */

import { formatTime } from "./format.ts";
import type { Output } from "./output.ts";
import type { Style } from "./style.ts";

/** A line of a log. */
export interface ShownLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: string;
  readonly message: string;
  /** The session or library, or `pinion` for the runtime itself. */
  readonly source?: string;
}

/** Prints a line of a log that was asked for; fields split by tabs where nobody watches. */
export function printLogLine(line: ShownLine, output: Output): void {
  if (output.interactive) return output.print(formatLogLine(line, output.style));
  const fields = [formatTime(line.time), line.level, line.source, line.message];
  output.print(fields.filter((field) => field !== undefined).join("\t"));
}

/** Time, level, source, message. */
export function formatLogLine(line: ShownLine, style: Style): string {
  const message = line.level === "warning" ? style.yellow(line.message) : line.message;
  const source = line.source === undefined ? "" : `${style.cyan(line.source.slice(0, 12))} `;
  return `${style.dim(`${formatTime(line.time)} ${line.level.padEnd(7)}`)} ${source}${message}`;
}
