/**
 * Rewrites places in a bundle to places in the author's files.
 *
 * @module
 */

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { PinionError, type SourceLocation } from "../../errors.ts";

/** Maps errors of one bundle. Without a usable source map they stay as they are. */
export function makeErrorMapper(
  fileName: string,
  sourceMap: string | undefined,
): (error: PinionError) => PinionError {
  const map = sourceMap === undefined ? null : parse(sourceMap);
  if (map === null) return (error) => error;
  const place = new RegExp(`${RegExp.escape(fileName)}:(\\d+):(\\d+)`, "g");
  const rewrite = (text: string) =>
    text.replace(place, (found, line, column) => {
      const original = lookUp(map, Number(line), Number(column));
      return original ? `${original.file}:${original.line}:${original.column}` : found;
    });
  return (error) => {
    if (error.location?.file !== fileName) return error;
    return new PinionError(error.code, rewrite(error.message), {
      cause: error.cause,
      location: lookUp(map, error.location.line, error.location.column) ?? error.location,
      authorStack: error.authorStack && rewrite(error.authorStack),
    });
  };
}

function parse(sourceMap: string): TraceMap | null {
  try {
    return new TraceMap(sourceMap);
  } catch {
    return null;
  }
}

function lookUp(map: TraceMap, line: number, column: number): SourceLocation | undefined {
  if (line < 1 || column < 1) return undefined;
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.source === null) return undefined;
  return { file: found.source, line: found.line, column: found.column + 1 };
}
