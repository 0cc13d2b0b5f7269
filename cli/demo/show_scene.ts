/**
 * A scene on the screen: its function, how it is called, its result and its time.
 *
 * @module
 */

import { renderBarChart } from "../ui/bar_chart.ts";
import { formatDuration } from "../ui/format.ts";
import { highlight } from "../ui/highlight.ts";
import type { Output } from "../ui/output.ts";
import { printResults } from "../ui/value.ts";
import type { Scene, SceneOutcome, Stage } from "./scene.ts";

/** Prints the title, the function and the call. */
export function showScene(scene: Scene, source: string, stage: Stage, output: Output): void {
  const { style } = output;
  output.print();
  output.print(style.bold(style.cyan(`▌ ${scene.title}`)));
  output.print(style.dim(`  ${scene.via(stage)}`));
  output.print();
  for (const line of shorten(source).split("\n")) {
    output.print(`    ${highlight(line, style)}`.trimEnd());
  }
}

/** Prints the result and the time. */
export function showOutcome({ summary, picture, ms }: SceneOutcome, output: Output): void {
  output.print();
  if (picture.kind === "bars") {
    for (const line of renderBarChart(picture.bars, output)) output.print(line);
  } else if (picture.kind === "table") {
    printResults(picture.rows, output);
  } else {
    output.print(`  ${highlight(picture.text, output.style)}`);
  }
  const { green, dim } = output.style;
  output.print(`  ${green("✔")} ${summary} ${dim(`in ${formatDuration(ms)}`)}`);
}

/** The function itself: without the comments for the reader of the file. */
function shorten(source: string): string {
  return source.replaceAll(/^\/\*\*[^]*?\*\/\n/gm, "").trim();
}
