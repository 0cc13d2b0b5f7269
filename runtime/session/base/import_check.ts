/**
 * Refuses modules that import anything but the SDK, before an isolate sees them.
 *
 * @module
 */

import { PROGRAM, TASK } from "../../../contract/text/program_name.ts";
import { init, parse } from "es-module-lexer";
import { PinionError } from "../../../errors.ts";

await init;

/**
 * Checks every import, static, dynamic and of types. A source that cannot be parsed passes: the
 * isolate says what is wrong with it, and its own rights hold whatever it imports.
 *
 * @throws `BAD_IMPORT` with the specifier and its place
 */
export function checkImports(source: string, fileName: string): void {
  let imports;
  try {
    [imports] = parse(source);
  } catch {
    return;
  }
  for (const { type, specifier, start } of imports) {
    if (type === "import-meta" || specifier === "pinion") continue;
    const location = { file: fileName, ...placeOf(source, start) };
    const what = typeof specifier !== "string" ? "a computed specifier" : JSON.stringify(specifier);
    throw new PinionError(
      "BAD_IMPORT",
      `Cannot import ${what}: only "pinion" may be imported here; send code with packages by ` +
        `\`${PROGRAM} run FILE\` or \`${TASK} deploy FILE\`, which bundle them`,
      { location },
    );
  }
}

function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  return {
    line: before.split("\n").length,
    column: offset - before.lastIndexOf("\n"),
  };
}
