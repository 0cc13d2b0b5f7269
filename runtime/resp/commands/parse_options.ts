/**
 * Reads the options behind the arguments of a command of ours, by the table of its options.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/** One option: a keyword, in any case and order. */
export interface OptionRow {
  /** In upper case. */
  readonly keyword: string;
  /** What follows it: one value, or all that is left. Nothing if left out. */
  readonly takes?: "one" | "rest";
  /** How help shows what follows. */
  readonly value?: string;
  /** One line for help. */
  readonly summary: string;
}

/** What was given. */
export interface ParsedOptions {
  /** Whether the keyword was there. */
  has(keyword: string): boolean;
  /** The value behind it; the last one wins. */
  value(keyword: string): string | undefined;
  /** Everything behind it. */
  rest(keyword: string): readonly string[] | undefined;
}

/**
 * Parses tokens up to their end.
 *
 * @param unknown Text of the error for a token that is no option, as RedisGears words it for the
 * command.
 * @throws {PinionError} `BAD_OPTION`: for an unknown token, or `<keyword> is missing` where a value
 * is
 */
export function parseOptions(
  tokens: readonly string[],
  rows: readonly OptionRow[],
  unknown: (token: string) => string,
): ParsedOptions {
  const given = new Map<string, readonly string[]>();
  for (let at = 0; at < tokens.length; at++) {
    const keyword = tokens[at].toUpperCase();
    const row = rows.find((candidate) => candidate.keyword === keyword);
    if (row === undefined) throw new PinionError("BAD_OPTION", unknown(tokens[at]));
    if (row.takes === "rest") {
      given.set(keyword, tokens.slice(at + 1));
      break;
    }
    if (row.takes === "one" && at + 1 === tokens.length) {
      throw new PinionError("BAD_OPTION", `${keyword} is missing`);
    }
    given.set(keyword, row.takes === "one" ? [tokens[++at]] : []);
  }
  return {
    has: (keyword) => given.has(keyword),
    value: (keyword) => given.get(keyword)?.[0],
    rest: (keyword) => given.get(keyword),
  };
}
