/**
 * The sources of the project as the rules see them: parsed, with their imports.
 *
 * @module
 */

import ts from "typescript";

/** A tracked file. */
export interface ProjectFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Folder, or the file's own path where it lies at the root. */
  readonly room: string;
  readonly source: ts.SourceFile;
  /** Static imports and exports, `import type` included; dynamic ones are not. */
  readonly imports: readonly Import[];
}

/** A static import. */
export interface Import {
  /** Path of a file of the project, or a package as it is written. */
  readonly target: string;
  /** Counts from 1. */
  readonly line: number;
}

/** Top-level folders and files that are the product; tests, tools and the like are around it. */
const PRODUCT =
  /^(?:contract|redis|servers|sdk|coordinator|isolate|runtime|cli)\/|^(?:errors|mod)\.ts$/;

/** The files of a checkout, or of a test's planted tree. */
export class Project {
  readonly files: ReadonlyMap<string, ProjectFile>;
  /** Texts of the pages, by path. */
  readonly pages: ReadonlyMap<string, string>;

  /** @param texts Texts of all tracked files by path. */
  constructor(texts: ReadonlyMap<string, string>) {
    const sources = [...texts].filter(([path]) => /(?<!\.d)\.tsx?$/.test(path));
    this.files = new Map(sources.map(([path, text]) => [path, parseFile(path, text)]));
    this.pages = new Map([...texts].filter(([path]) => path.endsWith(".md")));
  }

  /** Files of the product. */
  get product(): ProjectFile[] {
    return [...this.files.values()].filter(({ path }) => PRODUCT.test(path));
  }
}

/** Reads the tracked files of a checkout, those that are new included. */
export async function readProject(root: URL): Promise<Project> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx", "*.md"],
    cwd: root,
  }).output();
  const texts = new Map<string, string>();
  for (const path of new TextDecoder().decode(stdout).split("\n").filter(Boolean).sort()) {
    const text = await Deno.readTextFile(new URL(path, root)).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return null; // removed, and not committed yet
      throw error;
    });
    if (text !== null) texts.set(path, text);
  }
  return new Project(texts);
}

/** Gives the line of a node; counts from 1. */
export function lineOf({ source }: ProjectFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Visits every node of a file. */
export function visitNodes({ source }: ProjectFile, visit: (node: ts.Node) => void): void {
  const descend = (node: ts.Node) => {
    visit(node);
    ts.forEachChild(node, descend);
  };
  ts.forEachChild(source, descend);
}

function parseFile(path: string, text: string): ProjectFile {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const folder = path.split("/").slice(0, -1).join("/");
  return { path, text, room: folder === "" ? path : folder, source, imports: importsOf(source) };
}

function importsOf(source: ts.SourceFile): Import[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
    return [{ target: resolve(source.fileName, moduleSpecifier.text), line: line + 1 }];
  });
}

function resolve(from: string, specifier: string): string {
  if (specifier === "pinion") return "sdk/mod.ts";
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
