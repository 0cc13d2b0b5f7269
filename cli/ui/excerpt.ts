/**
 * The lines of an author's source around an error, with a caret under the place.
 *
 * @module
 */

import type { SourceLocation } from "../../errors.ts";
import type { Style } from "./style.ts";

/** Lines shown above the one that is meant. */
const LINES_BEFORE = 2;
/** Longer lines are shown from near the place on. */
const MAX_LINE = 100;

/** The lines, or none if `source` has no such line. */
export function renderExcerpt(source: string, location: SourceLocation, style: Style): string[] {
  const lines = source.split(/\r?\n/);
  if (location.line < 1 || location.line > lines.length) return [];
  const first = Math.max(1, location.line - LINES_BEFORE);
  const digits = String(location.line).length;
  const column = Math.max(1, location.column);
  const skipped = column > MAX_LINE - 20 ? column - 40 : 0;
  const shown: string[] = [];
  for (let line = first; line <= location.line; line++) {
    const number = String(line).padStart(digits);
    const text = lines[line - 1].slice(skipped, skipped + MAX_LINE).replaceAll("\t", " ");
    shown.push(`${style.dim(`${number} │`)} ${text}`);
  }
  const caret = " ".repeat(Math.max(0, column - 1 - skipped));
  shown.push(`${style.dim(`${" ".repeat(digits)} │`)} ${caret}${style.red("^")}`);
  return shown;
}
