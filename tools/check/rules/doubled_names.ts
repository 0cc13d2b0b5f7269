/**
 * A name stands for one thing: no two files and no two exported types of one name in the product.
 *
 * A step of the sandbox has the name of its operation in the SDK.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, type ProjectFile } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

/** Rooms whose files mirror each other. */
const MIRRORS = ["sdk/operations", "isolate/sandbox/steps"];

interface Named {
  readonly name: string;
  readonly path: string;
  readonly line?: number;
}

/** Finds names that stand for two things. */
export const doubledNames: Rule = {
  name: "doubled-names",
  find: ({ product }) => [
    ...report("file", product.filter((file) => !isMirror(file)).map(nameOfFile)),
    ...report("exported type", product.flatMap(exportedTypes)),
  ],
};

function isMirror({ room }: ProjectFile): boolean {
  return MIRRORS.includes(room);
}

function nameOfFile({ path }: ProjectFile): Named {
  return { name: path.split("/").at(-1)!, path };
}

function exportedTypes(file: ProjectFile): Named[] {
  return file.source.statements.flatMap((statement) => {
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ||
      ts.isClassDeclaration(statement);
    if (!isType || statement.name === undefined) return [];
    const isExported = statement.modifiers?.some(({ kind }) =>
      kind === ts.SyntaxKind.ExportKeyword
    );
    if (!isExported) return [];
    return [{ name: statement.name.text, path: file.path, line: lineOf(file, statement) }];
  });
}

function report(kind: string, named: readonly Named[]): Finding[] {
  return [...Map.groupBy(named, ({ name }) => name).values()]
    .filter((group) => new Set(group.map(({ path }) => path)).size > 1)
    .flatMap((group) =>
      group.map(({ name, path, line }) => ({
        ...{ path, line },
        message: `has the ${kind} ${name}, as ${
          group.filter((other) => other.path !== path).map((other) => other.path).join(", ")
        } has: rename one`,
      }))
    );
}
