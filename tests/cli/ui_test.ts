import { assert, assertEquals } from "@std/assert";
import { stripVTControlCharacters } from "node:util";
import { PinionError } from "../../errors.ts";
import { renderBarChart } from "../../cli/ui/bar_chart.ts";
import { renderBox } from "../../cli/ui/box.ts";
import { renderError } from "../../cli/ui/error_report.ts";
import { formatBytes, formatDuration } from "../../cli/ui/format.ts";
import { highlight } from "../../cli/ui/highlight.ts";
import { createStyle } from "../../cli/ui/style.ts";
import { wrapText } from "../../cli/ui/wrap.ts";
import { fitWidths, renderTable } from "../../cli/ui/text_table.ts";

const PLAIN = createStyle(false);

function screen(columns: number) {
  return { interactive: true, columns, style: PLAIN };
}
const PIPE = { interactive: false, columns: 80, style: PLAIN };

const COLUMNS = [
  { title: "name", value: (row: { name: string; count: number }) => row.name },
  { title: "count", value: (row: { count: number }) => row.count, align: "right" as const },
];

Deno.test("table: fits the terminal, cuts the widest column", () => {
  const rows = [{ name: "x".repeat(200), count: 1 }, { name: "short", count: 22 }];
  for (const columns of [40, 80, 120]) {
    const lines = renderTable(COLUMNS, rows, screen(columns));
    assert(lines.every((line) => line.length <= columns), `${columns}`);
    assert(lines.some((line) => line.includes("…")));
  }
});

Deno.test("table: in a pipe it is one line per row, fields split by tabs", () => {
  const rows = [{ name: "a\tb\nc", count: 1 }];
  assertEquals(renderTable(COLUMNS, rows, PIPE), ["a b c\t1"]);
});

Deno.test("table: widths shrink from the widest, never below six", () => {
  assertEquals(fitWidths([10, 50, 20], 60), [10, 30, 20]);
  assertEquals(fitWidths([10, 50], 100), [10, 50]);
  assertEquals(fitWidths([50, 50], 4), [6, 6]);
});

Deno.test("bar chart: fits the terminal, longest bar for the largest value", () => {
  const bars = [{ label: "Drama", value: 789 }, { label: "Western", value: 36 }, {
    label: "None",
    value: 0,
  }];
  const lines = renderBarChart(bars, screen(80));
  assert(lines.every((line) => line.length <= 80));
  assert(lines[0].length > lines[1].length);
  assert(lines[1].includes("▏") || lines[1].includes("█"));
  assertEquals(renderBarChart(bars, PIPE), ["Drama\t789", "Western\t36", "None\t0"]);
});

Deno.test("box: frames what fits, drops the frame where it does not", () => {
  const lines = renderBox("Title", ["a line", "longer line"], screen(80));
  assertEquals(new Set(lines.map((line) => line.length)).size, 1);
  assertEquals(renderBox("Title", ["x".repeat(90)], screen(80)), ["Title", `  ${"x".repeat(90)}`]);
});

Deno.test("error report: action, why, place with a caret, what to do", () => {
  const error = new PinionError("SCRIPT_SYNTAX", "Expression expected", {
    location: { file: "a.ts", line: 2, column: 11 },
  });
  const source = "const a = 1;\nconst b = ;\n";
  assertEquals(renderError({ action: "run a.ts", error, source }, screen(80)), [
    "✖ Cannot run a.ts: Script does not parse [SCRIPT_SYNTAX]",
    "  why   Expression expected",
    "  at    a.ts:2:11",
    "",
    "  1 │ const a = 1;",
    "  2 │ const b = ;",
    "    │           ^",
    "",
    "  do    correct that line, then run the same command again",
  ]);
});

Deno.test("wrap: breaks at spaces, keeps line breaks and long words", () => {
  assertEquals(wrapText("one two three\nfour", 7), ["one two", "three", "four"]);
  assertEquals(wrapText("incomprehensible", 4), ["incomprehensible"]);
});

Deno.test("highlight: colours tokens and changes no character", () => {
  const code = 'const a = "x // y"; // note\nlet `b`; 1_000';
  const shown = highlight(code, createStyle(true));
  assert(shown !== code);
  assertEquals(stripVTControlCharacters(shown), code);
});

Deno.test("format: bytes and durations as people read them", () => {
  assertEquals([999, 1234, 45_678, 1_234_567].map(formatBytes), [
    "999 B",
    "1.2 kB",
    "46 kB",
    "1.2 MB",
  ]);
  assertEquals([0.123, 12.3, 1234, 65_000, 7_260_000].map(formatDuration), [
    "0.1 ms",
    "12 ms",
    "1.2 s",
    "1 min 5 s",
    "2 h 1 min",
  ]);
});
