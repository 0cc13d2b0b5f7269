/**
 * The imports of a module: what a bundle may keep, and whether a script needs a bundle at all.
 *
 * @module
 */

import { init, parse } from "es-module-lexer";
import { PinionError, type SourceLocation } from "../../errors.ts";
import type { SourceMap } from "./source_map.ts";

/** The one import that stays: the runtime brings it. */
export const SDK = "pinion";

/**
 * Refuses a bundle that still imports something else.
 *
 * @throws `BAD_IMPORT` with the author's file and line of the first such import
 */
export async function refuseLeftoverImports(code: string, map: SourceMap): Promise<void> {
  const [leftover] = await listImports(code);
  if (leftover === undefined) return;
  const location = findImport(leftover, map);
  throw new PinionError(
    "BAD_IMPORT",
    `It imports "${leftover}", which cannot be bundled and does not exist in the sandbox`,
    { location },
  );
}

/**
 * Whether `source` (TypeScript) imports anything but the SDK, so that it has to be bundled. What
 * cannot be read counts as yes: the bundler then says what is wrong.
 */
export async function needsBundle(source: string): Promise<boolean> {
  try {
    return (await listImports(source)).length > 0;
  } catch {
    return true;
  }
}

/** What `code` imports at run time besides the SDK, where the address is a literal. */
async function listImports(code: string): Promise<string[]> {
  await init;
  const [imports] = parse(code);
  const found = new Set<string>();
  for (const entry of imports) {
    if (entry.type === "import-meta" || entry.specifier === undefined) continue;
    if (entry.type !== "dynamic" && entry.typeOnly) continue;
    if (entry.specifier !== SDK) found.add(entry.specifier);
  }
  return [...found];
}

/** The first line of the bundled files that imports `specifier`. */
function findImport(specifier: string, map: SourceMap): SourceLocation | undefined {
  const quoted = new RegExp(
    `\\b(?:from|import|require)\\s*\\(?\\s*(["'\`])${RegExp.escape(specifier)}\\1`,
  );
  for (const [index, content] of map.sourcesContent.entries()) {
    const match = quoted.exec(content ?? "");
    if (match === null) continue;
    const before = content!.slice(0, match.index + match[0].length - specifier.length - 2);
    const line = before.split("\n").length;
    const column = before.length - before.lastIndexOf("\n");
    return { file: map.sources[index], line, column };
  }
  return undefined;
}
