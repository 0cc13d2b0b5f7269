/**
 * Files of 350 lines at most, functions of 40, classes of 200 with 15 public members, folders of 15
 * files.
 *
 * Private members do not count by themselves: the length of the class limits them.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, type Project, type ProjectFile, visitNodes } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const MAX_FILE_LINES = 350;
const MAX_FUNCTION_LINES = 40;
const MAX_CLASS_LINES = 200;
const MAX_PUBLIC_MEMBERS = 15;
const MAX_FOLDER_FILES = 15;

/** Finds files, functions, classes and folders that are too large. */
export const sizes: Rule = {
  name: "sizes",
  find: (project) => [
    ...project.product.flatMap((file) => [...checkFile(file), ...checkNodes(file)]),
    ...checkFolders(project),
  ],
};

function checkFile({ path, text }: ProjectFile): Finding[] {
  const lines = text.split("\n").length - 1;
  if (lines <= MAX_FILE_LINES) return [];
  return [{ path, message: `has ${lines} lines: at most ${MAX_FILE_LINES}` }];
}

function checkNodes(file: ProjectFile): Finding[] {
  const findings: Finding[] = [];
  const report = (node: ts.Node, message: string) =>
    findings.push({ path: file.path, line: lineOf(file, node), message });
  visitNodes(file, (node) => {
    const lines = linesOf(file, node);
    if (isFunction(node) && lines > MAX_FUNCTION_LINES) {
      report(node, `is a function of ${lines} lines: at most ${MAX_FUNCTION_LINES}`);
    }
    if (!ts.isClassLike(node)) return;
    if (lines > MAX_CLASS_LINES) {
      report(node, `is a class of ${lines} lines: at most ${MAX_CLASS_LINES}`);
    }
    const members = countPublic(node, file.source);
    if (members > MAX_PUBLIC_MEMBERS) {
      report(node, `is a class of ${members} public members: at most ${MAX_PUBLIC_MEMBERS}`);
    }
  });
  return findings;
}

function checkFolders({ product }: Project): Finding[] {
  return [...Map.groupBy(product, ({ room }) => room)]
    .filter(([, files]) => files.length > MAX_FOLDER_FILES)
    .map(([path, { length }]) => ({
      path,
      message: `has ${length} files: at most ${MAX_FOLDER_FILES}`,
    }));
}

/** Lines of a node without its comments before it. */
export function linesOf({ source }: ProjectFile, node: ts.Node): number {
  const { line: first } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return source.getLineAndCharacterOfPosition(node.end).line - first + 1;
}

/** Tells whether a node is a function with a body. */
export function isFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

function countPublic(node: ts.ClassLikeDeclaration, source: ts.SourceFile): number {
  const names = node.members
    .filter((member) => !ts.isConstructorDeclaration(member))
    .map(({ name }) => name?.getText(source) ?? "")
    .filter((name) => !name.startsWith("#") && !name.startsWith("["));
  return new Set(names).size;
}
