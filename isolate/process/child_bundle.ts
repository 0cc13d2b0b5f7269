/**
 * Finds the three files that a child process runs: the host thread, the sandbox, the import map.
 *
 * `deno task build` makes them (`tools/build/`), so that a child needs to read one folder only. The
 * folder is named by the hash of its sources: in a checkout a bundle that is older than a source is
 * not found, and never used.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { PinionError } from "../../errors.ts";
import { SDK_NAMES } from "./sdk_names.ts";

/** The files of a child. */
export interface ChildBundle {
  readonly directory: string;
  readonly hostPath: string;
  readonly importMapPath: string;
}

const ROOT = new URL("../../", import.meta.url);
const DIST = new URL("dist/", ROOT);
const PREFIX = "isolate-";
/** Files and folders that a bundle is made from. */
const SOURCES = ["errors.ts", "deno.lock", "contract", "sdk", "redis", "isolate"];

/**
 * Finds the bundle of these sources.
 *
 * @throws `INTERNAL` where it was not built since a source changed
 */
export async function findChildBundle(): Promise<ChildBundle> {
  const directory = await hasSources() ? await bundleDirectory() : await findShipped();
  if (directory !== null && await exists(`${directory}import_map.json`)) {
    return {
      directory,
      hostPath: `${directory}host.js`,
      importMapPath: `${directory}import_map.json`,
    };
  }
  throw new PinionError(
    "INTERNAL",
    `Cannot start isolates: their bundle was not built from these sources; run \`${TASK} build\``,
  );
}

/** Names the folder that the bundle of these sources has. */
export async function bundleDirectory(): Promise<string> {
  return new URL(`${PREFIX}${await hashSources()}/`, DIST).pathname;
}

/** Tells whether this is a checkout, whose sources may have changed. */
async function hasSources(): Promise<boolean> {
  return await exists(new URL("deno.lock", ROOT).pathname);
}

/** Finds the one bundle that an installed package has. */
async function findShipped(): Promise<string | null> {
  for await (const { name } of Deno.readDir(DIST)) {
    if (name.startsWith(PREFIX)) return new URL(`${name}/`, DIST).pathname;
  }
  return null;
}

async function hashSources(): Promise<string> {
  const paths = (await Promise.all(SOURCES.map((source) => listFiles(source)))).flat().sort();
  const contents = await Promise.all(paths.map((path) => Deno.readTextFile(new URL(path, ROOT))));
  const text = paths.map((path, index) => `${path}\n${contents[index]}`).join("\n");
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(`${Deno.version.deno}\n${SDK_NAMES}\n${text}`),
  );
  return new Uint8Array(digest).toHex().slice(0, 16);
}

async function listFiles(path: string): Promise<string[]> {
  const url = new URL(path, ROOT);
  if ((await Deno.stat(url)).isFile) return [path];
  const files: string[] = [];
  for await (const entry of Deno.readDir(url)) {
    files.push(...await listFiles(`${path}/${entry.name}`));
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
