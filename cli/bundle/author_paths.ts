/**
 * Files of an author as the command line shows them: relative to where the command was given.
 *
 * @module
 */

import { isAbsolute, join, relative } from "node:path";
import { PinionError } from "../../errors.ts";

/** `path` relative to the working directory; absolute where that would climb out of it by far. */
export function showPath(path: string): string {
  const shown = relative(Deno.cwd(), path);
  return shown.startsWith("../../..") || isAbsolute(shown) ? path : shown || ".";
}

/** `error` with its location's file, which is relative to `root`, as {@linkcode showPath} says. */
export function withAuthorPath(error: PinionError, root: string): PinionError {
  const { location } = error;
  if (location === undefined || location.file.includes(":")) return error;
  return new PinionError(error.code, error.message, {
    cause: error.cause,
    location: { ...location, file: showPath(join(root, location.file)) },
    authorStack: error.authorStack,
  });
}
