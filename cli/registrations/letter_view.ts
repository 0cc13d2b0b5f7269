/**
 * Dead letters on the screen: a block of lines each on a terminal, a line each in a pipe.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import type { z } from "zod";
import { writeOutControls } from "../../contract/text/harmless_text.ts";
import type { DeadLetter as Schema } from "../../contract/api/dead_letter_info.ts";
import { formatAgo, formatCount } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { wrapText } from "../ui/wrap.ts";

type DeadLetter = z.infer<typeof Schema>;

/** Column at which remarks on a letter begin. */
const MARGIN = 8;
/** Lines of an error or an event that are shown. */
const MAX_LINES = 4;
/** Characters that break a line. */
const BREAKS = /[\t\n]+/g;

/** The lines that show letters. */
export function renderLetters(
  letters: readonly DeadLetter[],
  output: Pick<Output, "interactive" | "columns" | "style">,
): string[] {
  if (!output.interactive) return letters.map(toLine);
  return letters.flatMap((letter) => [...renderLetter(letter, output), ""]);
}

function toLine({ id, key, eventId, attempts, error, record }: DeadLetter): string {
  return [id, key, eventId, attempts, error, JSON.stringify(record)]
    .map((field) => toOneLine(`${field}`)).join("\t");
}

function renderLetter(
  letter: DeadLetter,
  { columns, style }: Pick<Output, "columns" | "style">,
): string[] {
  const { id, key, eventId, attempts, error, isCut } = letter;
  const ago = formatAgo(Number(id.split("-")[0]));
  const rows: [string, string, (text: string) => string][] = [
    ["event", `${key} ${eventId}`, String],
    ["holds", `${describe(letter.record)}${isCut ? " …" : ""}`, String],
    ["error", error, style.red],
  ];
  return [
    `${style.cyan(id)} ${style.dim(`given up ${ago} after ${formatTries(attempts)}`)}`,
    ...rows.filter(([, text]) => text !== "").flatMap(([name, text, color]) =>
      shorten(text, columns - MARGIN).map((line, at) =>
        `${style.dim((at === 0 ? `  ${name}` : "").padEnd(MARGIN))}${color(line)}`
      )
    ),
  ];
}

function formatTries(attempts: number): string {
  return attempts === 1 ? "1 try" : `${attempts} tries`;
}

/** The fields of a message as `name: value`; nothing of a key, of which the event says all. */
function describe(record: unknown): string {
  if (record === null) return "it cannot be read: drop it";
  const { value, event } = Object(record);
  if (event !== undefined) return "";
  if (value === undefined) return JSON.stringify(record);
  const fields: [unknown, unknown][] = Array.isArray(value) ? value : Object.entries(value);
  return fields.map(([field, text]) => `${toText(field)}: ${toText(text)}`).join(", ");
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Few lines of what may be long. */
function shorten(text: string, width: number): string[] {
  const lines = wrapText(toOneLine(text), width).flatMap((line) => chop(line, width));
  return lines.length <= MAX_LINES
    ? lines
    : [...lines.slice(0, MAX_LINES - 1), `${lines[MAX_LINES - 1].slice(0, width - 1)}…`];
}

function toOneLine(text: string): string {
  return writeOutControls(text.replaceAll(BREAKS, " "));
}

function chop(line: string, width: number): string[] {
  const parts = Array.from(
    { length: Math.ceil(line.length / width) },
    (_, at) => line.slice(at * width, (at + 1) * width),
  );
  return parts.length === 0 ? [line] : parts;
}

/** Number of them. */
export function countLetters(letters: readonly DeadLetter[]): string {
  return letters.length === 0
    ? `There are none; \`${PROGRAM} dlq list\` shows who has some.`
    : formatCount(letters.length, "letter");
}
