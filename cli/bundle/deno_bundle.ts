/**
 * `deno bundle` as a child process.
 *
 * @module
 */

import { dirname } from "node:path";
import { readBundleFailure } from "./bundle_failure.ts";

/** The sdk stays an import; packages get their browser build, which needs no `node:` modules. */
const FLAGS = ["--quiet", "--external=pinion", "--sourcemap=inline", "--platform=browser"];

/**
 * The bundle of `entry` with its source map inline, sources relative to the entry's folder.
 *
 * It runs in that folder, because deno looks for the project's configuration where it runs.
 *
 * @throws what {@linkcode readBundleFailure} makes of its messages
 */
export async function runDenoBundle(entry: string, signal?: AbortSignal): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...FLAGS, entry],
    cwd: dirname(entry),
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal,
  }).output();
  signal?.throwIfAborted();
  const decoder = new TextDecoder();
  if (!success) throw readBundleFailure(decoder.decode(stderr));
  return decoder.decode(stdout);
}
