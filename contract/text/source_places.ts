/**
 * Rewrites places in a bundle to places in the author's files.
 *
 * @module
 */

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { PinionError, type SourceLocation } from "../../errors.ts";
import type { PlaceMapper } from "./place_mapper.ts";

/** The places of one bundle; undefined without a usable source map. */
export function makePlaceMapper(
  fileName: string,
  sourceMap: string | undefined,
): PlaceMapper | undefined {
  const map = sourceMap === undefined ? null : parse(sourceMap);
  if (map === null) return undefined;
  const place = new RegExp(`${RegExp.escape(fileName)}:(\\d+):(\\d+)`, "g");
  const mapText = (text: string) =>
    text.replace(place, (found, line, column) => {
      const original = lookUp(map, Number(line), Number(column));
      return original ? `${original.file}:${original.line}:${original.column}` : found;
    });
  const mapLocation = (location: SourceLocation) =>
    location.file === fileName && lookUp(map, location.line, location.column) || location;
  return {
    mapText,
    mapError: (error) =>
      new PinionError(error.code, mapText(error.message), {
        cause: error.cause,
        location: error.location && mapLocation(error.location),
        authorStack: error.authorStack && mapText(error.authorStack),
      }),
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
