/**
 * Reads the checkout: which files it has, which of them are the product's, what imports stand for.
 *
 * @module
 */

import type { Aliases } from "./import_graph.ts";
import type { Sources } from "./choose_faults.ts";

/** A checkout as it is on the disk. */
export interface Checkout {
  /** Folder with a slash at its end. */
  readonly root: string;
  /** Every file that belongs to it, by path from the root. */
  readonly files: readonly string[];
  /** Text of its TypeScript. */
  readonly sources: Sources;
  readonly aliases: Aliases;
}

/** Folders without code that faults are planted in. */
const NOT_PRODUCT = /^(tests|bench|examples|types|tools)\//;

/** Reads the files that git lists in a folder, also those that are new and not ignored. */
export async function readCheckout(root: string): Promise<Checkout> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot list the checkout: ${decoder.decode(stderr).trim()}`);
  const listed = decoder.decode(stdout).split("\0").filter((path) => path !== "");
  return await readFiles(root, listed);
}

/** Reads some files of a folder; those that are deleted are left out. */
export async function readFiles(root: string, listed: readonly string[]): Promise<Checkout> {
  const files: string[] = [];
  const sources = new Map<string, string>();
  for (const path of listed) {
    if (!await isFile(`${root}${path}`)) continue;
    files.push(path);
    if (!isSource(path)) continue;
    sources.set(path, await Deno.readTextFile(`${root}${path}`));
  }
  return { root, files, sources, aliases: await readAliases(root) };
}

/** The sources that faults are planted in: below some paths, or all. */
export function productSources({ sources }: Checkout, below: readonly string[]): Sources {
  const isWanted = (path: string) =>
    below.length === 0 ||
    below.some((one) => path === one || path.startsWith(`${one}/`));
  return new Map([...sources].filter(([path]) => !NOT_PRODUCT.test(path) && isWanted(path)));
}

/** Sources of the graph; those of tools name files that they do not run. */
function isSource(path: string): boolean {
  return path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.startsWith("tools/");
}

async function readAliases(root: string): Promise<Aliases> {
  const { imports = {} } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
    imports?: Record<string, string>;
  };
  const own = Object.entries(imports).filter(([, target]) => target.startsWith("./"));
  return Object.fromEntries(own);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
