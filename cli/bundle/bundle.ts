/**
 * One file of an author as one module that a runtime accepts: `npm:` and relative imports inside,
 * the SDK (`pinion`) outside. `deploy` and `run` call it.
 *
 * Nothing of the author's machine leaves it but the code: paths are made relative to the folder
 * that holds all of the author's files, packages are named `npm:name@version/file`.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { PinionError } from "../../errors.ts";
import { showPath, withAuthorPath } from "./author_paths.ts";
import { runDenoBundle } from "./deno_bundle.ts";
import { refuseLeftoverImports } from "./imports.ts";
import { nameModules } from "./module_names.ts";
import { parseSourceMap, splitSourceMap } from "./source_map.ts";

/** One bundled module with its name and its source map. */
export interface Bundle {
  /** One ES module. */
  readonly source: string;
  /** JSON text of its source map, with the sources' content. */
  readonly sourceMap: string;
  /** The folder that the source map's files are relative to. */
  readonly root: string;
  /** The author's own files, relative to `root`. */
  readonly files: readonly string[];
  /** Packages that went in, as `name@version`. */
  readonly packages: readonly string[];
  /** Modules that packages `require()` and will not get; the call fails when it is reached. */
  readonly missing: readonly string[];
}

/**
 * Bundles `file`. Its project's deno.json or package.json counts where there is one.
 *
 * @param file Path, absolute or relative to the working directory.
 * @throws `NOT_FOUND` if there is no such file, `SCRIPT_SYNTAX`, `BAD_IMPORT`, both with the
 * author's file and line
 */
export async function bundleFile(
  file: string,
  options: { signal?: AbortSignal } = {},
): Promise<Bundle> {
  const entry = resolve(file);
  await requireFile(entry);
  const output = await runDenoBundle(entry, options.signal);
  const { code, map } = splitSourceMap(output);
  const sourceMap = parseSourceMap(map);
  const names = nameModules(sourceMap.sources, dirname(entry));
  const named = { ...sourceMap, sources: names.sources };
  await refuseLeftoverImports(code, named).catch((error) => {
    throw withAuthorPath(PinionError.from(error), names.root);
  });
  return {
    source: names.rename(code),
    sourceMap: JSON.stringify(named),
    root: names.root,
    files: names.files,
    packages: names.packages,
    missing: [...new Set(code.matchAll(/\b__require\("([^"]+)"\)/g).map(([, name]) => name))],
  };
}

async function requireFile(path: string): Promise<void> {
  const given = showPath(path);
  const info = await Deno.stat(path).catch((cause) => {
    throw new PinionError("NOT_FOUND", `The file ${given} cannot be read: ${reasonOf(cause)}`);
  });
  if (!info.isFile) throw new PinionError("BAD_ARGUMENT", `${given} is not a file`);
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is none of this name";
  return error instanceof Deno.errors.PermissionDenied ? "permission denied" : String(error);
}
