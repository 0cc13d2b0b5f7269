/**
 * A scene on the screen: its function, how it is called, its result and its time.
 *
 * @module
 */

import { renderBarChart } from "../ui/bar_chart.ts";
import { formatDuration } from "../ui/format.ts";
import { highlight } from "../ui/highlight.ts";
import type { Output } from "../ui/output.ts";
import { renderResults } from "../ui/value.ts";
import type { Picture, Scene, SceneOutcome, Stage } from "./scene.ts";

const INDENT = "  ";

/** Prints the title, the call and the function. */
export function showScene(scene: Scene, source: string, stage: Stage, output: Output): void {
  const { style } = output;
  const part = "part" in scene.source ? scene.source.part?.exec(source)?.[0] : undefined;
  output.print();
  output.print(style.bold(style.cyan(`▌ ${scene.title}`)));
  output.print(style.dim(`${INDENT}${scene.via(stage)}`));
  output.print();
  for (const line of withoutDocs(part ?? source).split("\n")) {
    output.print(`${INDENT}${INDENT}${highlight(line, style)}`.trimEnd());
  }
}

/** Prints the result and the time. */
export function showOutcome({ summary, picture, ms }: SceneOutcome, output: Output): void {
  const { green, dim } = output.style;
  output.print();
  output.printLines(renderPicture(picture, output));
  output.print(`${INDENT}${green("✔")} ${summary} ${dim(`in ${formatDuration(ms)}`)}`);
}

function renderPicture(picture: Picture, output: Output): string[] {
  const { interactive, style } = output;
  const inner = { interactive, style, columns: output.columns - INDENT.length };
  const lines = picture.kind === "bars"
    ? renderBarChart(picture.bars, inner)
    : picture.kind === "table"
    ? renderResults(picture.rows, inner)
    : [highlight(picture.text, style)];
  return interactive ? lines.map((line) => INDENT + line) : lines;
}

/** A function without the comments for the reader of its file. */
function withoutDocs(source: string): string {
  return source.replaceAll(/^\/\*\*[^]*?\*\/\n/gm, "").trim();
}
