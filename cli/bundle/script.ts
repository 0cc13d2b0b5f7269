/**
 * The script that `run` sends: from a file, stdin or the command line; bundled if it imports more
 * than the SDK.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { PinionError } from "../../errors.ts";
import { readStdin } from "../input.ts";
import { bundleFile } from "./bundle.ts";
import { needsBundle } from "./imports.ts";
import { resolveFile } from "./resolve_file.ts";

/** See the module. */
export interface Script {
  /** What to send. */
  readonly source: string;
  /** What errors call it. */
  readonly name: string;
  /** The folder that its files are relative to; undefined if it is in no file. */
  readonly root?: string;
  /** Its text, where it is in no file. */
  readonly text?: string;
}

/**
 * Loads the script that `file` (`-` is stdin) or `eval` says.
 *
 * @throws `BAD_ARGUMENT` unless exactly one is given, and as `bundleFile`
 */
export async function loadScript(
  given: { readonly file?: string; readonly eval?: string },
  signal?: AbortSignal,
): Promise<Script> {
  if ((given.file === undefined) === (given.eval === undefined)) {
    throw new PinionError("BAD_ARGUMENT", "Expected either a file, - for stdin, or -e CODE");
  }
  if (given.eval !== undefined) return await loadText(given.eval, "eval.ts", signal);
  if (given.file === "-") return await loadText(await readStdin(), "stdin.ts", signal);
  const path = await resolveFile(given.file!);
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw new PinionError("NOT_FOUND", `The file ${given.file} cannot be read`, { cause });
  });
  if (!await needsBundle(text)) {
    return { source: text, name: basename(path), root: dirname(path) };
  }
  const bundle = await bundleFile(path, { signal });
  return { source: bundle.source, name: basename(path), root: bundle.root };
}

/** A script without a file. To be bundled, it becomes one for a moment. */
async function loadText(text: string, name: string, signal?: AbortSignal): Promise<Script> {
  if (!await needsBundle(text)) return { source: text, name, text };
  const folder = await Deno.makeTempDir({ prefix: "pinion-" });
  try {
    await Deno.writeTextFile(join(folder, name), text);
    const { source } = await bundleFile(join(folder, name), { signal });
    return { source, name, text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
