/**
 * Bundles the code of an isolate's child process: the host thread, the sandbox, the import map.
 *
 * @module
 */

import { builtinModules } from "node:module";
import { bundleDirectory } from "../../isolate/process/child_bundle.ts";
import { SDK_NAMES } from "../../isolate/process/sdk_names.ts";

/**
 * Modules that no code in the child can import, not even by `eval`: those of Node but the one that
 * the sandbox itself is made with. They would act within the rights of the worker, which has none,
 * but can print, start threads and end the worker.
 */
const FORBIDDEN_MODULES = builtinModules
  .map((name) => name.startsWith("node:") ? name : `node:${name}`)
  .filter((name) => name !== "node:async_hooks");

const ROOT = new URL("../../", import.meta.url);
const DIST = new URL("dist/", ROOT).pathname;
const ENTRIES = {
  host: "isolate/child/child_main.ts",
  sandbox: "isolate/sandbox/entry.ts",
};

/**
 * Bundles where the sources have changed since. Several processes may do so at a time: each renames
 * a finished folder into place.
 *
 * @returns the folder
 */
export async function buildIsolate(): Promise<string> {
  const directory = await bundleDirectory();
  if (!await isBuilt(directory)) await build(directory);
  return directory;
}

async function build(directory: string): Promise<void> {
  await Deno.mkdir(DIST, { recursive: true });
  const draft = await Deno.makeTempDir({ dir: DIST, prefix: "draft-" });
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
    if (!await isBuilt(directory)) throw error;
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

async function isBuilt(directory: string): Promise<boolean> {
  try {
    await Deno.stat(`${directory}import_map.json`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
