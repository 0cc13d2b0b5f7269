/**
 * Tables: boxes on a terminal, tab-separated lines in a pipe.
 *
 * @module
 */

import Table from "cli-table3";
import { writeOutControls } from "../../contract/text/harmless_text.ts";
import type { Output } from "./output.ts";
import type { Style } from "./style.ts";

/** A column: its heading and what it shows of a row. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | boolean | undefined;
  /** Numbers stand right. Default left. */
  readonly align?: "left" | "right";
  /** Colour of the cells on a terminal. */
  readonly color?: (text: string, style: Style, row: T) => string;
}

/** Cells are not made narrower than this. */
const MIN_CELL = 6;
/** What a cell's border and padding take. */
const CELL_FRAME = 3;

/**
 * The lines that show `rows`. On a terminal columns without any value are left out, and the widest
 * are narrowed until the table fits; their cells end in `…`. Elsewhere all columns, no heading and
 * no cut.
 */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  if (!output.interactive) {
    return rows.map((row) => columns.map((column) => toField(textOf(column, row))).join("\t"));
  }
  const filled = columns.filter((column) => rows.some((row) => textOf(column, row) !== ""));
  return drawTable(filled, rows, output);
}

function drawTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  output: Pick<Output, "columns" | "style">,
): string[] {
  const { style } = output;
  const cells = rows.map((row) => columns.map((column) => textOf(column, row)));
  const natural = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index].length))
  );
  const widths = fitWidths(natural, output.columns - 1 - CELL_FRAME * columns.length);
  const narrowed = widths.some((width, index) => width < natural[index]);
  const table = new Table({
    head: columns.map((column) => style.bold(column.title)),
    colAligns: columns.map((column) => column.align ?? "left"),
    // Left out where nothing is cut: the library measures wide characters better.
    ...(narrowed && { colWidths: widths.map((width) => width + 2) }),
    style: { head: [], border: [], "padding-left": 1, "padding-right": 1, compact: true },
  });
  rows.forEach((row, at) => {
    table.push(columns.map(({ color }, index) => {
      const text = cells[at][index].replaceAll("\n", " ");
      return color === undefined ? text : color(cut(text, widths[index]), style, row);
    }));
  });
  return table.toString().split("\n");
}

/** Takes from the widest columns first until all fit into `room` characters. */
export function fitWidths(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= MIN_CELL) break;
    widths[widths.indexOf(widest)]--;
    excess--;
  }
  return widths;
}

function textOf<T>(column: Column<T>, row: T): string {
  return writeOutControls(String(column.value(row) ?? ""));
}

/** A cell as a field of a tab-separated line. */
function toField(cell: string): string {
  return cell.replaceAll(/[\t\n\r]+/g, " ");
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
