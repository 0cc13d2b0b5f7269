/**
 * The results as a table for people.
 *
 * @module
 */

import Table from "cli-table3";
import picocolors from "picocolors";
import type { Row, Target, Unit } from "./row.ts";
import type { Figure } from "./statistics.ts";

const { bold, dim, green, red } = picocolors;

/** The table. */
export function renderRows(rows: readonly Row[]): string {
  const table = new Table({
    head: ["work", "ours", "compared with", "", "ratio", "target", "met"].map((text) => bold(text)),
    colAligns: ["left", "right", "left", "right", "right", "right", "left"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const row of rows) {
    const { title, unit, ours, baseline, ratio, target, met } = row;
    table.push([
      title,
      showFigure(ours, unit),
      baseline?.title ?? "",
      baseline === undefined ? "" : showFigure(baseline.figure, unit),
      ratio === undefined ? "" : ratio.toFixed(2),
      target === undefined ? "" : showTarget(target, unit),
      met === undefined ? "" : met ? green("yes") : red("no"),
    ]);
  }
  return table.toString();
}

/** `1,234 ms (1,200..1,300)` */
function showFigure({ median, min, max }: Figure, unit: Unit): string {
  const range = dim(`(${showNumber(min)}..${showNumber(max)})`);
  return `${showNumber(median)} ${unit} ${range}`;
}

function showTarget({ of, bound, limit }: Target, unit: Unit): string {
  const sign = { atMost: "≤", atLeast: "≥", below: "<" }[bound];
  return of === "ratio" ? `${sign} ${limit}` : `${sign} ${limit} ${unit}`;
}

/** Three digits that count. */
function showNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
