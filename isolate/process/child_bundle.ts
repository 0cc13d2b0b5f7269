/**
 * Makes the three files that a child process runs: the host thread, the sandbox, the import map.
 *
 * They are bundled from this repository's sources so that the child needs to read one folder only.
 * The folder is named by the hash of what it was made from, so a change of any source makes
 * another.
 *
 * @module
 */

import { builtinModules } from "node:module";
import { SDK_NAMES } from "./sdk_names.ts";

/** The files of a child. */
export interface ChildBundle {
  readonly directory: string;
  readonly hostPath: string;
  readonly importMapPath: string;
}

/**
 * Modules that no code in the child can import, not even by `eval`: those of Node but the one that
 * the sandbox itself is made with. They would act within the rights of the worker, which has none,
 * but can print, start threads and end the worker.
 */
const FORBIDDEN_MODULES = builtinModules
  .map((name) => name.startsWith("node:") ? name : `node:${name}`)
  .filter((name) => name !== "node:async_hooks");

const ROOT = new URL("../../", import.meta.url);
/** Files and folders that a bundle is made from. */
const SOURCES = [
  "errors.ts",
  "deno.lock",
  "contract",
  "sdk",
  "redis",
  "isolate",
];
const ENTRIES = {
  host: "isolate/child/child_main.ts",
  sandbox: "isolate/sandbox/entry.ts",
};

/** The bundle of these sources: made once, found again afterwards. */
export async function prepareChildBundle(): Promise<ChildBundle> {
  const hash = await hashSources();
  const directory = new URL(`dist/isolate-${hash}/`, ROOT).pathname;
  if (!await exists(`${directory}import_map.json`)) await build(directory);
  return {
    directory,
    hostPath: `${directory}host.js`,
    importMapPath: `${directory}import_map.json`,
  };
}

async function build(directory: string): Promise<void> {
  await Deno.mkdir(new URL("dist/", ROOT), { recursive: true });
  const draft = await Deno.makeTempDir({ dir: new URL("dist/", ROOT).pathname, prefix: "draft-" });
  try {
    await Promise.all(
      Object.entries(ENTRIES).map(([name, entry]) => bundle(entry, `${draft}/${name}.js`)),
    );
    const sandbox = await Deno.readTextFile(`${draft}/sandbox.js`);
    await Deno.writeTextFile(`${draft}/sandbox.js`, toFunctionBody(sandbox));
    const sdk = `export const { ${SDK_NAMES.join(", ")} } = globalThis.__pinionSdk;`;
    const imports = {
      ...Object.fromEntries(FORBIDDEN_MODULES.map((name) => [name, null])),
      pinion: `data:text/javascript,${encodeURIComponent(sdk)}`,
    };
    await Deno.writeTextFile(`${draft}/import_map.json`, JSON.stringify({ imports }));
    await Deno.rename(draft, directory.replace(/\/$/, ""));
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    // Another process may have finished first.
    if (!await exists(`${directory}import_map.json`)) throw error;
  }
}

async function bundle(entry: string, output: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--external", "pinion", "-o", output, entry],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
  }
}

/** A module as the body of an async function, named `pinion` in stacks. */
function toFunctionBody(module: string): string {
  const body = module.replace(
    /^import \{([^}]*)\} from ("[^"]*");$/gm,
    (_line, names: string, specifier) =>
      `const {${names.replaceAll(" as ", ": ")}} = await import(${specifier});`,
  );
  return `${body}\n//# sourceURL=pinion`;
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
