/**
 * Runs one command of ours: finds its row, checks its arity and its options, calls its handler.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { toText } from "./argument_text.ts";
import type { CommandRow } from "./command.ts";
import { findCommand } from "./command_table.ts";
import { type OptionRow, type ParsedOptions, parseOptions } from "./parse_options.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** Longest part of the arguments that an error repeats, as in Redis. */
const MAX_SHOWN_CHARS = 128;
const decoder = new TextDecoder();
const NO_OPTIONS = parseOptions([], [], String);

/**
 * The row of a command.
 *
 * @param args Its arguments, the name first.
 * @throws {PinionError} `BAD_ARGUMENT` for a name or a number of arguments that there is not
 */
export function resolveCommand(args: readonly Uint8Array[]): CommandRow {
  const name = textOf(args[0]);
  const row = findCommand(name);
  const given = args.length - 1;
  if (row === undefined) throw unknownCommand(name, args.slice(1));
  const isTooMany = row.options === undefined && row.maxArgs !== undefined && given > row.maxArgs;
  if (given < row.minArgs || isTooMany) {
    throw new PinionError(
      "BAD_ARGUMENT",
      `wrong number of arguments for '${name.toLowerCase()}' command`,
    );
  }
  return row;
}

function textOf(name: Uint8Array): string {
  const text = toText(name);
  return typeof text === "string" ? text : decoder.decode(name);
}

/**
 * Calls the handler of a row.
 *
 * @param args The command's arguments, the name first.
 * @param signal Aborted when the client is gone.
 * @throws {PinionError} what the handler throws, or rejects with; see {@linkcode reword}
 */
export function runCommand(
  row: CommandRow,
  args: readonly Uint8Array[],
  { engine, signal }: { readonly engine: Engine; readonly signal: AbortSignal },
): WriteReply | Promise<WriteReply> {
  const rawArgs = args.slice(1);
  const plainArgs = row.options === undefined ? rawArgs : rawArgs.slice(0, row.minArgs);
  return row.handle({
    engine,
    signal,
    rawArgs,
    // A script may be long, and its handler decodes it by its own rules.
    get args() {
      return plainArgs.map((arg) => decoder.decode(arg));
    },
    options: row.options === undefined ? NO_OPTIONS : readOptions(row, row.options, rawArgs),
  });
}

function readOptions(
  { minArgs, unknownOption = (token) => `Unknown option ${token}` }: CommandRow,
  rows: readonly OptionRow[],
  rawArgs: readonly Uint8Array[],
): ParsedOptions {
  const tokens = rawArgs.slice(minArgs).map((arg) => decoder.decode(arg));
  return parseOptions(tokens, rows, unknownOption);
}

/** An error of a command in the words that its row fixes for it. */
export function reword(row: CommandRow | undefined, error: unknown): unknown {
  const { code } = PinionError.from(error);
  const text = row?.errorTexts?.[code];
  return text === undefined ? error : new PinionError(code, text, { cause: error });
}

/** Redis' own words, and where to look. */
function unknownCommand(name: string, args: readonly Uint8Array[]): PinionError {
  let shown = "";
  for (const arg of args) {
    if (shown.length >= MAX_SHOWN_CHARS) break;
    shown += `'${decoder.decode(arg.subarray(0, MAX_SHOWN_CHARS - shown.length))}' `;
  }
  return new PinionError(
    "BAD_ARGUMENT",
    `unknown command '${name.slice(0, MAX_SHOWN_CHARS)}', with args beginning with: ${shown}` +
      "(RG.HELP lists the commands)",
  );
}
