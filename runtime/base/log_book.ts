/**
 * The last lines that the runtime and the functions logged, and where they go.
 *
 * All of them may hold text of strangers: no line may pass for another one, nor speak to the terminal
 * that shows it.
 *
 * @module
 */

import type { LogLine } from "../engine/engine.ts";
import { toLogText } from "../../contract/text/harmless_text.ts";

/** Lines that are kept. */
const MAX_LINES = 2_000;

/** A line with where it comes from. */
export interface BookedLine extends LogLine {
  /** Session, or `pinion` for the runtime's own. */
  readonly source: string;
}

/** See the module. */
export class LogBook {
  readonly #lines: BookedLine[] = [];
  readonly #write: (line: BookedLine) => void;

  /** @param write Called with each line. */
  constructor(write: (line: BookedLine) => void) {
    this.#write = write;
  }

  /** Books a line. */
  add(source: string, level: LogLine["level"], message: string): LogLine {
    const line = { time: Date.now(), level, message: toLogText(message), source };
    if (this.#lines.push(line) > MAX_LINES) this.#lines.shift();
    this.#write(line);
    return line;
  }

  /** Books a failure of the runtime itself, with its stack: the log stays on the host. */
  addFailure(what: string, error: unknown): void {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    const cause = error instanceof Error && error.cause instanceof Error
      ? `\ncaused by ${error.cause.stack ?? error.cause.message}`
      : "";
    this.#write({
      time: Date.now(),
      level: "warning",
      message: toLogText(`${what}: ${text}${cause}`),
      source: "pinion",
    });
  }

  /** The last lines, oldest first; of one source if it is named. */
  recent(source?: string): LogLine[] {
    return source === undefined
      ? [...this.#lines]
      : this.#lines.filter((line) => line.source === source);
  }
}
