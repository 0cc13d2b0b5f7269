/**
 * Prints the failure of a command for people: the action, the reason, the place and the next step.
 *
 * @module
 */

import { PROGRAM, TASK } from "../../contract/text/program_name.ts";
import {
  ERROR_KINDS,
  type ErrorCode,
  type PinionError,
  type SourceLocation,
} from "../../errors.ts";
import { renderExcerpt } from "./excerpt.ts";
import type { Style } from "./style.ts";
import { wrapText } from "./wrap.ts";

/** Advice for codes whose message gives none. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  RUNTIME_UNREACHABLE: `start one with \`${TASK} start\`, or name another with --url or PINION_URL`,
  NOT_AUTHENTICATED: "give the token that the runtime was started with: --token or PINION_TOKEN",
  SCRIPT_SYNTAX: "correct that line, then run the same command again",
  BAD_IMPORT: "use an npm: package or a relative file instead; node: modules and URLs do not " +
    "exist inside the sandbox",
  NO_EXECUTION: `\`${PROGRAM} executions list\` lists the executions that are known`,
  EXECUTION_RUNNING: `wait for it, or abort it with \`${PROGRAM} executions abort ID\``,
  REDIS_UNAVAILABLE: `\`${PROGRAM} doctor\` finds out what is wrong`,
  REDIS_REFUSED: "check user and password in the URL of --redis or PINION_REDIS",
  LIMIT_MEMORY: "process less at once, or deploy with a larger --memory-mb",
  LIMIT_TIME: "do less per call, or deploy with a larger --timeout-ms",
};

/** An error with what is known around it. */
export interface FailedCommand {
  /** Action that failed: `deploy hello.ts`. */
  readonly action: string;
  readonly error: PinionError;
  /** The text of the file that the error's location names, if it can be read. */
  readonly source?: string;
}

/** Width in front of a field's text: two spaces, its name, a space. */
const MARGIN = 8;

/** The lines of the report, of at most `columns` characters where their words allow it. */
export function renderError(
  { action, error, source }: FailedCommand,
  { style, columns }: { readonly style: Style; readonly columns: number },
): string[] {
  const field = (name: string, text: string): string[] =>
    wrapText(text.trim(), columns - MARGIN).map((line, index) =>
      `  ${index === 0 ? style.cyan(name.padEnd(6)) : " ".repeat(6)}${line}`
    );
  const { location } = error;
  const advice = ADVICE[error.code];
  const heading = `Cannot ${action}: ${ERROR_KINDS[error.code].title} [${error.code}]`;
  const lines = [
    ...wrapText(heading, columns - 2).map((line, index) =>
      `${index === 0 ? style.red("✖") : " "} ${style.bold(line)}`
    ),
    ...field("why", error.message),
  ];
  if (location !== undefined) {
    lines.push(...field("at", formatLocation(location)));
    const excerpt = source === undefined ? [] : renderExcerpt(source, location, style);
    if (excerpt.length > 0) lines.push("", ...excerpt.map((line) => `  ${line}`), "");
  }
  // A single frame is the place that is shown already.
  if (error.authorStack?.includes("\n")) lines.push(...field("stack", error.authorStack));
  if (advice !== undefined) lines.push(...field("do", advice));
  return lines;
}

/** `file:line:column`. */
export function formatLocation(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column}`;
}
