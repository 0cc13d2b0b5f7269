/**
 * Types of the TypeScript on a page, checked against the SDK.
 *
 * @module
 */

import { join } from "node:path";
import { type Block, type Page, pathOf } from "./pages.ts";

/** A block without an import is a script, in which the names of the SDK are globals. */
const SCRIPT_NAMES =
  `import { atomic, configGet, env, execute, flatError, GB, GearsBuilder, hashtag, log,
  NonRetryableError } from "pinion";`;

/** Returns the name of the file that a block is, if its first line says one: `// greet.ts`. */
export function fileNameOf({ code }: Block): string | undefined {
  return /^\/\/ ([\w/-]+\.ts)\n/.exec(code)?.[1];
}

/** Checks every `ts` block of some pages at once; the answer is what `deno check` complains of. */
export async function checkTypes(pages: readonly Page[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "pinion-types-" });
  try {
    const files: string[] = [];
    for (const { path, blocks } of pages) {
      for (const block of blocks.filter(({ language }) => language === "ts")) {
        const file = join(folder, `${path.replaceAll("/", "_")}_${block.line}.ts`);
        await Deno.writeTextFile(file, toModule(block.code));
        files.push(file);
      }
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", pathOf("deno.json"), ...files],
      stdout: "null",
      env: { NO_COLOR: "1" },
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function toModule(code: string): string {
  return /^import .* from "pinion";$/m.test(code) ? code : `${SCRIPT_NAMES}\n${code}\nexport {};`;
}
