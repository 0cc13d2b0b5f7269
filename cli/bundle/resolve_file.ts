/**
 * Which file an argument of the command line means.
 *
 * @module
 */

import { resolve } from "node:path";

/**
 * The path of `file`. `deno task` runs in the folder of deno.json and leaves the folder that it was
 * called from in `INIT_CWD`: a file that is not in the one is looked for in the other.
 */
export async function resolveFile(file: string): Promise<string> {
  const here = resolve(file);
  const calledFrom = Deno.env.get("INIT_CWD");
  if (calledFrom === undefined || await exists(here)) return here;
  const there = resolve(calledFrom, file);
  return await exists(there) ? there : here;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
