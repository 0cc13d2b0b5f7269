/**
 * Values that functions gave, for people to read.
 *
 * @module
 */

import { formatCount, formatNumber } from "./format.ts";
import { highlight } from "./highlight.ts";
import type { Output } from "./output.ts";
import type { Style } from "./style.ts";
import { type Column, renderTable } from "./text_table.ts";

/** Results beyond this many columns are shown as JSON. */
const MAX_COLUMNS = 8;

/** A value: text as it is, everything else as JSON, indented on a terminal. */
export function renderValue(value: unknown, output: Pick<Output, "interactive" | "style">): string {
  if (typeof value === "string") return value;
  if (!output.interactive) return JSON.stringify(value ?? null);
  return highlight(JSON.stringify(value ?? null, null, 2), output.style);
}

/**
 * The lines of an execution's results: a table if all are flat objects of the same few fields (such
 * as `{ key, value }`) and a person reads, else a line each.
 */
export function renderResults(
  results: readonly unknown[],
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  const columns = output.interactive ? tableColumns(results) : undefined;
  if (columns !== undefined) {
    return renderTable(columns, results as Record<string, unknown>[], output);
  }
  return results.map((result) =>
    typeof result === "string" ? result : JSON.stringify(result ?? null)
  );
}

/**
 * The lines of an execution's errors: each different one once with its number, at most `most`.
 *
 * @param most Further ones are only counted.
 */
export function renderErrors(errors: readonly string[], most: number, style: Style): string[] {
  const counts = new Map<string, number>();
  for (const error of errors) counts.set(error, (counts.get(error) ?? 0) + 1);
  const different = [...counts].slice(0, most);
  const lines = different.map(([error, count]) =>
    `${style.red("✖")} ${error}${count === 1 ? "" : style.dim(` × ${formatNumber(count)}`)}`
  );
  if (counts.size <= most) return lines;
  const shown = different.reduce((sum, [, count]) => sum + count, 0);
  return [...lines, `… ${formatCount(errors.length - shown, "error")} more: --json shows all`];
}

function tableColumns(
  results: readonly unknown[],
): Column<Record<string, unknown>>[] | undefined {
  const [first] = results;
  if (!isFlatObject(first)) return undefined;
  const names = Object.keys(first);
  if (names.length === 0 || names.length > MAX_COLUMNS) return undefined;
  const alike = results.every((result) =>
    isFlatObject(result) && Object.keys(result).join("\0") === names.join("\0")
  );
  if (!alike) return undefined;
  return names.map((name) => ({
    title: name,
    value: (row) => showCell(row[name]),
    align: results.every((row) => typeof (row as Record<string, unknown>)[name] === "number")
      ? "right"
      : "left",
  }));
}

function isFlatObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function showCell(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}
