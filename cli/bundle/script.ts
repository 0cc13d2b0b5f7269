/**
 * The script that `run` sends: from a file, stdin or the command line; bundled if it imports more
 * than the SDK.
 *
 * @module
 */

import { join } from "node:path";
import { PinionError } from "../../errors.ts";
import { makePlaceMapper } from "../../contract/text/source_places.ts";
import { readStdin } from "../base/input.ts";
import { showPath, withAuthorPath } from "./author_paths.ts";
import { bundleFile } from "./bundle.ts";
import { needsBundle } from "./imports.ts";
import { resolveFile } from "./resolve_file.ts";

/** See the module. */
export interface Script {
  /** What to send. */
  readonly source: string;
  /** What a person calls it: its path, or `eval.ts` or `stdin.ts`. */
  readonly name: string;
  /** Its text, where it is in no file. */
  readonly text?: string;
  /** A runtime's error with the author's places. */
  readonly locate: (error: PinionError) => PinionError;
  /** The text of a record's error with the author's places. */
  readonly rewrite: (text: string) => string;
}

/** What a runtime calls a script. */
const SENT_NAME = "script.ts";

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
  const name = showPath(path);
  return await needsBundle(text) ? await bundleScript(path, name, signal) : asItIs(text, name);
}

/** A script without a file. To be bundled, it becomes one for a moment. */
async function loadText(text: string, name: string, signal?: AbortSignal): Promise<Script> {
  if (!await needsBundle(text)) return { ...asItIs(text, name), text };
  const folder = await Deno.makeTempDir({ prefix: "pinion-" });
  try {
    await Deno.writeTextFile(join(folder, name), text);
    return { ...await bundleScript(join(folder, name), name, signal), text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Places stay; only the name in front of them is the author's. */
function asItIs(source: string, name: string): Script {
  const rewrite = (text: string) => text.replaceAll(/\bscript\.ts(?=:\d+:\d+)/g, name);
  return {
    source,
    name,
    rewrite,
    locate: (error) =>
      new PinionError(error.code, rewrite(error.message), {
        cause: error.cause,
        location: error.location && { ...error.location, file: name },
        authorStack: error.authorStack && rewrite(error.authorStack),
      }),
  };
}

async function bundleScript(path: string, name: string, signal?: AbortSignal): Promise<Script> {
  const { source, sourceMap, root } = await bundleFile(path, { signal });
  const places = makePlaceMapper(SENT_NAME, sourceMap);
  return {
    source,
    name,
    locate: (error) => withAuthorPath(places?.mapError(error) ?? error, root),
    rewrite: (text) => places?.mapText(text) ?? text,
  };
}
