/**
 * Bar charts of counts, for a terminal.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import type { Output } from "./output.ts";

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** Eighths of a block, so that a bar's end is exact to an eighth of a character. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const MAX_LABEL = 24;

/** The lines that show `bars`, longest bar as wide as the room allows. */
export function renderBarChart(
  bars: readonly Bar[],
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  if (!output.interactive) return bars.map((bar) => `${bar.label}\t${bar.value}`);
  const labelWidth = Math.min(MAX_LABEL, Math.max(0, ...bars.map((bar) => bar.label.length)));
  const values = bars.map((bar) => formatNumber(bar.value));
  const valueWidth = Math.max(0, ...values.map((value) => value.length));
  const room = Math.max(8, Math.min(60, output.columns - labelWidth - valueWidth - 4));
  const largest = Math.max(0, ...bars.map((bar) => bar.value));
  return bars.map((bar, index) => {
    const label = bar.label.slice(0, MAX_LABEL).padEnd(labelWidth);
    const value = values[index].padStart(valueWidth);
    return `${label}  ${output.style.dim(value)} ${
      output.style.cyan(drawBar(bar.value, largest, room))
    }`;
  });
}

/** A bar of `value / largest` times `room` characters; what is above zero shows. */
function drawBar(value: number, largest: number, room: number): string {
  if (value <= 0 || largest <= 0) return "";
  const eighths = Math.max(1, Math.round(value / largest * room * 8));
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}
