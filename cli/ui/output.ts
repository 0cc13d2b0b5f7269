/**
 * Where a command writes: what it found to stdout, what it says about it to stderr.
 *
 * Three faces: a terminal (colours, tables, progress), a pipe (plain lines, fields split by tabs)
 * and `--json` (one JSON document on one line, nothing else on stdout).
 *
 * @module
 */

import { createStyle, type Style } from "./style.ts";
import { type Column, renderTable } from "./text_table.ts";

/** Narrower terminals are treated as if they had this many columns. */
const MIN_COLUMNS = 40;
/** The same for those with fewer lines. */
const MIN_ROWS = 10;
/** Width of what is no terminal: lines are never cut there. */
const PIPE_COLUMNS = 10_000;

/** How an {@linkcode Output} looks. */
export interface OutputOptions {
  readonly json: boolean;
  /** Whether stdout is a terminal. */
  readonly terminal: boolean;
  /** Width of the terminal. */
  readonly columns: number;
  /** Its height. Default: no end. */
  readonly rows?: number;
  /** Whether stdout shows colours. */
  readonly color: boolean;
  /** Whether stderr shows colours. */
  readonly errorColor: boolean;
}

/** See the module. */
export class Output {
  readonly json: boolean;
  /** Whether a person reads along: stdout is a terminal and `--json` was not given. */
  readonly interactive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Colours of stdout. */
  readonly style: Style;
  /** Colours of stderr. */
  readonly errorStyle: Style;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.interactive = options.terminal && !options.json;
    this.columns = options.columns;
    this.rows = options.rows ?? Infinity;
    this.style = createStyle(options.color);
    this.errorStyle = createStyle(options.errorColor);
  }

  /** A line, or lines, of what was asked for. */
  print(text = ""): void {
    write(Deno.stdout, `${text}\n`);
  }

  /** Several lines. */
  printLines(lines: readonly string[]): void {
    for (const line of lines) this.print(line);
  }

  /** The answer as JSON on one line. */
  printJson(data: unknown): void {
    this.print(JSON.stringify(data ?? null));
  }

  /** Rows: a table on a terminal, else one line per row with its fields split by tabs. */
  printTable<T>(columns: readonly Column<T>[], rows: readonly T[]): void {
    this.printLines(renderTable(columns, rows, this));
  }

  /** Something about the work itself: a hint, progress, a log line. Goes to stderr. */
  note(text = ""): void {
    write(Deno.stderr, `${text}\n`);
  }

  /** Several notes. */
  noteLines(lines: readonly string[]): void {
    for (const line of lines) this.note(line);
  }

  /** A note that only a person at a terminal needs. */
  hint(text = ""): void {
    if (this.interactive) this.note(text);
  }
}

/** The output of this process. `NO_COLOR` switches colours off, `FORCE_COLOR` on. */
export function openOutput(options: { json: boolean }): Output {
  const terminal = Deno.stdout.isTerminal();
  return new Output({
    json: options.json,
    terminal,
    ...(terminal ? terminalSize() : { columns: PIPE_COLUMNS }),
    color: !options.json && showsColor(terminal),
    errorColor: showsColor(Deno.stderr.isTerminal()),
  });
}

function terminalSize(): { columns: number; rows?: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: Math.max(MIN_COLUMNS, columns), rows: Math.max(MIN_ROWS, rows) };
  } catch {
    return { columns: 80 }; // some terminals do not tell
  }
}

function showsColor(terminal: boolean): boolean {
  if (Deno.env.get("NO_COLOR")) return false;
  if (Deno.env.get("FORCE_COLOR")) return true;
  return terminal && Deno.env.get("TERM") !== "dumb";
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    // The reader has seen enough (`… | head`): the rest is for nobody.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
