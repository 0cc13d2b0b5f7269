/**
 * A framed block of lines, for what a person should see first.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import type { Output } from "./output.ts";

/** The lines of a box around `lines`, headed by `title`. Lines that are too long go unframed. */
export function renderBox(
  title: string,
  lines: readonly string[],
  output: Pick<Output, "columns" | "style">,
): string[] {
  const { dim } = output.style;
  const lengths = lines.map((line) => stripVTControlCharacters(line).length);
  const titleLength = stripVTControlCharacters(title).length;
  const width = Math.max(titleLength + 2, ...lengths);
  if (width + 4 > output.columns) return [title, ...lines.map((line) => `  ${line}`)];
  return [
    `${dim("╭─")} ${title} ${dim(`${"─".repeat(width - titleLength - 1)}╮`)}`,
    ...lines.map((line, index) =>
      `${dim("│")} ${line}${" ".repeat(width - lengths[index])} ${dim("│")}`
    ),
    dim(`╰${"─".repeat(width + 2)}╯`),
  ];
}
