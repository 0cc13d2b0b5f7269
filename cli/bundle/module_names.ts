/**
 * Names for the modules of a bundle that tell nothing of the machine it was made on.
 *
 * @module
 */

import { relative, resolve, sep } from "node:path";

/** The names, and what follows from them. */
export interface ModuleNames {
  /** A name for each source of the map, in its order. */
  readonly sources: string[];
  /** The folder that holds all of the author's files. */
  readonly root: string;
  /** The author's files, relative to `root`. */
  readonly files: readonly string[];
  /** `name@version` of each package, sorted. */
  readonly packages: readonly string[];
  /** The bundle's code with the old names in comments and wrappers replaced. */
  readonly rename: (code: string) => string;
}

/** A file in deno's npm cache: `…/npm/<registry>/<name>/<version>/<file>`. */
const CACHED_FILE = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/(\d[^/]*)\/(.*)$/;
/** A file in a node_modules folder, where the version is not in the path. */
const INSTALLED_FILE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/((?!.*\/node_modules\/).*)$/;
/** Prefix of paths in deno's own node_modules folder: `.deno/<name>@<version>/node_modules/`. */
const DENO_STORE = /\/node_modules\/\.deno\/[^/]*?@(\d[^/_]*)[^/]*\/node_modules\//;

/**
 * Names the modules.
 *
 * @param sources As in the bundle's source map: relative to `folder`, or URLs.
 * @param folder The folder of the entry file.
 */
export function nameModules(sources: readonly string[], folder: string): ModuleNames {
  const modules = sources.map((source) => nameModule(source, folder));
  const own = modules.filter((module) => module.kind === "file").map((module) => module.path);
  const root = commonFolder([folder + sep, ...own]);
  const rename = (source: string): string => {
    const module = nameModule(source, folder);
    return module.kind === "file" ? unixPath(relative(root, module.path)) : module.name;
  };
  const names = sources.map(rename);
  return {
    sources: names,
    root,
    files: names.filter((_name, index) => modules[index].kind === "file"),
    packages: [
      ...new Set(modules.flatMap((module) => module.kind === "package" ? [module.title] : [])),
    ].sort(),
    rename: (code) => renameInCode(code, rename),
  };
}

type Module =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "package"; readonly name: string; readonly title: string }
  | { readonly kind: "url"; readonly name: string };

function nameModule(source: string, folder: string): Module {
  if (/^[a-z][a-z+.-]+:/i.test(source) && !source.startsWith("file:")) {
    return { kind: "url", name: source.replaceAll("\0", "") };
  }
  const path = resolve(folder, source);
  const unix = unixPath(path);
  const cached = CACHED_FILE.exec(unix);
  if (cached !== null) return packageModule(cached[1], cached[2], cached[3]);
  const installed = INSTALLED_FILE.exec(unix);
  if (installed === null) return { kind: "file", path };
  return packageModule(installed[1], DENO_STORE.exec(unix)?.[1], installed[2]);
}

function packageModule(name: string, version: string | undefined, file: string): Module {
  const title = version === undefined ? name : `${name}@${version}`;
  return { kind: "package", name: `npm:${title}/${file}`, title };
}

/** The deepest folder that holds all of `paths`. */
function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => path.split(sep).slice(0, -1));
  let depth = first.length;
  for (const other of others) {
    while (depth > 0 && !first.slice(0, depth).every((part, at) => part === other[at])) depth--;
  }
  return first.slice(0, depth).join(sep) || sep;
}

function unixPath(path: string): string {
  return path.replaceAll(sep, "/");
}

/**
 * Names of modules in a bundle: in `// ../name` above each and in `"../name"(exports) {` around
 * old-style ones. Names that do not leave the entry's folder are right as they are.
 */
const NAMED_LINE = /^(\s*\/\/ |\s*")((?:\.\.\/|deno:\0).+?)("\([\w, ]*\) \{)?$/gm;

function renameInCode(code: string, rename: (name: string) => string): string {
  return code.replaceAll(
    NAMED_LINE,
    (_line, before: string, name: string, after = "") => `${before}${rename(name)}${after}`,
  );
}
