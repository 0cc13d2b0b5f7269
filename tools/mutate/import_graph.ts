/**
 * The graph of who uses whom: imports, and sources that are started by their path.
 *
 * @module
 */

import ts from "typescript";
import { parseSource } from "./syntax.ts";
import type { Sources } from "./choose_faults.ts";

/** One file that uses another one. */
export interface Use {
  readonly user: string;
  /** Length of this step: the more it costs, the less the user shows of what it uses. */
  readonly cost: number;
}

/** Uses of each file by its path. */
export type ImportGraph = ReadonlyMap<string, readonly Use[]>;

/** A value that is imported; a process or thread that begins with a file; a type. */
const COSTS = { value: 1, start: 2, type: 3 } as const;
/** Names of imports that stand for sources, such as `pinion`. */
export type Aliases = Readonly<Record<string, string>>;

/** Draws the graph of some sources. */
export function drawGraph(sources: Sources, aliases: Aliases): ImportGraph {
  const graph = new Map<string, Use[]>([...sources.keys()].map((path) => [path, []]));
  for (const [user, text] of sources) {
    for (const { specifier, kind } of namedIn(parseSource(user, text))) {
      const path = resolve(specifier, user, aliases, sources);
      if (path !== undefined && path !== user) graph.get(path)!.push({ user, cost: COSTS[kind] });
    }
  }
  return graph;
}

/** Distances from a file to all that use it, over any number of steps. */
export function distancesFrom(path: string, graph: ImportGraph): Map<string, number> {
  const distances = new Map([[path, 0]]);
  const waiting = new Set([path]);
  while (waiting.size > 0) {
    const next = [...waiting].reduce((a, b) => distances.get(b)! < distances.get(a)! ? b : a);
    waiting.delete(next);
    for (const { user, cost } of graph.get(next) ?? []) {
      const distance = distances.get(next)! + cost;
      if (distance >= (distances.get(user) ?? Infinity)) continue;
      distances.set(user, distance);
      waiting.add(user);
    }
  }
  return distances;
}

interface Named {
  readonly specifier: string;
  readonly kind: keyof typeof COSTS;
}

/** Every source that a source imports or names. */
function namedIn(source: ts.SourceFile): Named[] {
  const named: Named[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node) && isSourceName(node)) {
      named.push({ specifier: node.text, kind: kindOf(node.parent) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return named;
}

function isSourceName(node: ts.StringLiteralLike): boolean {
  return isImport(node.parent) || /^[\w./-]+\.ts$/.test(node.text);
}

function isImport(node: ts.Node): boolean {
  return ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || isDynamicImport(node);
}

function isDynamicImport(node: ts.Node): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function kindOf(parent: ts.Node): keyof typeof COSTS {
  if (ts.isImportDeclaration(parent)) return parent.importClause?.isTypeOnly ? "type" : "value";
  if (ts.isExportDeclaration(parent)) return parent.isTypeOnly ? "type" : "value";
  return isDynamicImport(parent) ? "value" : "start";
}

function resolve(
  specifier: string,
  from: string,
  aliases: Aliases,
  sources: Sources,
): string | undefined {
  const folder = new URL(from, "file:///");
  const candidates = [
    new URL(aliases[specifier] ?? specifier, aliases[specifier] ? "file:///" : folder),
    new URL(specifier, "file:///"),
  ];
  return candidates.map(({ pathname }) => pathname.slice(1)).find((path) => sources.has(path));
}
