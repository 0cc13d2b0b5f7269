/**
 * The imports of a module: what a bundle may keep, and whether a script needs a bundle at all.
 *
 * @module
 */

import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { init, parse } from "es-module-lexer";
import { PinionError, type SourceLocation } from "../../errors.ts";
import type { SourceMap } from "./source_map.ts";

/** The one import that stays: the runtime brings it. */
const SDK = "pinion";

interface Import {
  /** Undefined if it is computed when the code runs. */
  readonly specifier: string | undefined;
  /** Offset in the code, in UTF-16 units. */
  readonly offset: number;
}

/**
 * Refuses a bundle that still imports something else.
 *
 * @throws `BAD_IMPORT` with the author's file and line of the first such import
 */
export async function refuseLeftoverImports(code: string, map: SourceMap): Promise<void> {
  const [leftover] = await listImports(code);
  if (leftover === undefined) return;
  const what = leftover.specifier === undefined
    ? "It imports from an address that is computed when it runs"
    : `It imports "${leftover.specifier}"`;
  throw new PinionError(
    "BAD_IMPORT",
    `${what}, which cannot be bundled and does not exist in the sandbox`,
    { location: locate(code, leftover.offset, map) },
  );
}

/**
 * Tells whether `source` (TypeScript) imports anything but the SDK, so that it has to be bundled.
 * What cannot be read counts as yes: the bundler then says what is wrong.
 */
export async function needsBundle(source: string): Promise<boolean> {
  try {
    return (await listImports(source)).length > 0;
  } catch {
    return true;
  }
}

/** Lists the imports of `code` besides the SDK. */
async function listImports(code: string): Promise<Import[]> {
  await init;
  const [imports] = parse(code);
  return imports.flatMap(({ type, specifier, start }) =>
    type === "import-meta" || specifier === SDK
      ? []
      : [{ specifier: specifier ?? undefined, offset: start }]
  );
}

/** The author's place of an offset in the bundle. */
function locate(code: string, offset: number, map: SourceMap): SourceLocation | undefined {
  const before = code.slice(0, offset);
  const place = originalPositionFor(new TraceMap(map), {
    line: before.split("\n").length,
    column: before.length - before.lastIndexOf("\n") - 1,
  });
  if (place.source === null) return undefined;
  return { file: place.source, line: place.line, column: place.column + 1 };
}
