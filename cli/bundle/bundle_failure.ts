/**
 * Turns the output of `deno bundle` when it fails, as one error with the author's file and line.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type ErrorCode, PinionError, type SourceLocation } from "../../errors.ts";
import { showPath } from "./author_paths.ts";
import { findPosition, importPattern, wordPattern } from "./position.ts";

interface Phrase {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** Message to print instead; groups of `pattern` as `$1`. */
  readonly say: string;
  /**
   * Finds the place in the author's file by the first group of `pattern`, where the place that was
   * told is one in the code that deno made of it.
   */
  readonly find?: (found: string) => RegExp;
}

/** Its phrases, and what they mean to an author. The first that matches counts. */
const PHRASES: readonly Phrase[] = [
  { pattern: /^SyntaxError: (.*)/, code: "SCRIPT_SYNTAX", say: "$1" },
  {
    pattern: /^Failed loading \S+ for package "(.*?)"/,
    code: "NOT_FOUND",
    say: "The package npm:$1 cannot be loaded; the npm registry has to be reachable the first time",
  },
  {
    pattern: /^Module not found "(.*?)"/,
    code: "BAD_IMPORT",
    say: "It imports $1, which does not exist",
  },
  {
    pattern: /^Import "(.*?)" not a dependency/,
    code: "BAD_IMPORT",
    say: 'It imports "$1", which is not known here: write "npm:$1", or name it in the imports of ' +
      "the project's deno.json or the dependencies of its package.json",
    find: importPattern,
  },
  {
    pattern: /^No matching export in ".*?" for import "(.*?)"/,
    code: "BAD_IMPORT",
    say: 'It imports "$1", which is not exported there',
    find: wordPattern,
  },
  {
    pattern: /^Could not find constraint '(.*?)' in the list of packages/,
    code: "BAD_IMPORT",
    say: "The package npm:$1 does not exist, or not in this version",
    find: (name) => importPattern(`npm:${name}`),
  },
  {
    pattern: /^Requires import access to "(.*?)(?::443)?"/,
    code: "BAD_IMPORT",
    say: "It imports code from $1, which is not allowed: use an npm: package or a relative file",
  },
  {
    pattern: /^Do not know how to load path: (?:deno:)?(.*)/,
    code: "BAD_IMPORT",
    say: "It imports $1, which cannot be loaded",
    find: importPattern,
  },
];

/** Place of an error, on a line of its own under the message. */
const PLACE = /^ +at (\S+):(\d+):(\d+)$/m;
/** Lines of a source excerpt: we draw our own. */
const EXCERPT_LINE = /^(\s*\d+)?\s*\|.*$/gm;

/** The first error in `stderr`. */
export function readBundleFailure(stderr: string): PinionError {
  const [block = ""] = stderr.split(/^error: /m).slice(1);
  const location = readPlace(block);
  const message = showPaths(
    block.replace(PLACE, "").replace(EXCERPT_LINE, "").trim().split("\n\n")[0],
  );
  for (const { pattern, code, say, find } of PHRASES) {
    const match = pattern.exec(message);
    if (match === null) continue;
    return new PinionError(code, match[0].replace(pattern, say), {
      location: find === undefined ? location : refine(location, find(match[1])),
    });
  }
  // Other messages are of the bundler behind deno, which counts lines of code that deno has rewritten.
  const said = message || "deno bundle gave no reason";
  const file = location === undefined ? "" : `${location.file}: `;
  return new PinionError("SCRIPT_SYNTAX", `${file}${said}`);
}

function readPlace(block: string): SourceLocation | undefined {
  const match = PLACE.exec(block);
  if (match === null) return undefined;
  const [, file, line, column] = match;
  return { file: showPaths(file), line: Number(line), column: Number(column) };
}

/** `location` with the place of `pattern` in its file, if it is found there. */
function refine(location: SourceLocation | undefined, pattern: RegExp): SourceLocation | undefined {
  if (location === undefined) return undefined;
  try {
    return { ...location, ...findPosition(Deno.readTextFileSync(location.file), pattern) };
  } catch {
    return location;
  }
}

/** `text` with file URLs turned into paths. */
function showPaths(text: string): string {
  return text.replaceAll(/file:\/\/\/[^\s"':]+/g, (url) => {
    try {
      return showPath(fileURLToPath(url));
    } catch {
      return url;
    }
  });
}
