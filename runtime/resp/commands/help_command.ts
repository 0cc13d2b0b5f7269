/**
 * RG.HELP, and the same as a table for the documentation: both derive from the command table.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { CommandCall, CommandRow } from "./command.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/**
 * RG.HELP without an argument lists the commands, with a name it tells all of one.
 *
 * @throws {PinionError} `NOT_FOUND` for a name that is of no command
 */
export function help({ args: [name] }: CommandCall, rows: readonly CommandRow[]): WriteReply {
  const lines = name === undefined ? listCommands(rows) : describeCommand(find(rows, name));
  return (reply) => {
    reply.array(lines.length);
    for (const line of lines) reply.simple(line);
  };
}

/** The commands as a Markdown table. */
export function renderCommandTable(rows: readonly CommandRow[]): string {
  const lines = rows.map((row) => {
    const usage = showUsage(row).replaceAll("|", "\\|");
    return `| \`${usage}\` | ${row.summary} | ${row.reply.replaceAll("|", "\\|")} |`;
  });
  return ["| command | does | replies |", "|---|---|---|", ...lines].join("\n");
}

function find(rows: readonly CommandRow[], name: string): CommandRow {
  const upper = name.toUpperCase();
  const wanted = [upper, `RG.${upper}`];
  const row = rows.find((candidate) =>
    wanted.includes(candidate.name) || candidate.aliases?.some((alias) => wanted.includes(alias))
  );
  if (row === undefined) {
    throw new PinionError("NOT_FOUND", "Cannot help with that command: RG.HELP lists all of them");
  }
  return row;
}

function listCommands(rows: readonly CommandRow[]): string[] {
  return [
    "RG.<command> [<arg> …]. Commands are:",
    ...rows.flatMap((row) => [showUsage(row), `    ${row.summary}`]),
  ];
}

function describeCommand(row: CommandRow): string[] {
  return [
    showUsage(row),
    `    ${row.summary}`,
    ...(row.options ?? []).map((option) => `    ${showOption(option)}: ${option.summary}`),
    `    Replies: ${row.reply}`,
    ...(row.aliases ? [`    Also: ${row.aliases.join(", ")}`] : []),
    `    Since: ${row.since}`,
  ];
}

function showUsage(row: CommandRow): string {
  const options = (row.options ?? []).map((option) => `[${showOption(option)}]`);
  return [row.name, row.usage, ...options].filter(Boolean).join(" ");
}

function showOption(option: { readonly keyword: string; readonly value?: string }): string {
  return option.value === undefined ? option.keyword : `${option.keyword} ${option.value}`;
}
