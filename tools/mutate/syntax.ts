/**
 * Questions about syntax trees that several kinds of fault ask.
 *
 * @module
 */

import ts from "typescript";
import type { Edit } from "./fault.ts";

/** Parses a source with parents set. */
export function parseSource(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Tells whether a text is a TypeScript module without syntax errors. */
export function isValidSource(text: string): boolean {
  const options = { target: ts.ScriptTarget.Latest, module: ts.ModuleKind.ESNext };
  const { diagnostics } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: options,
  });
  return diagnostics?.length === 0;
}

/** An edit that replaces a node. */
export function replaceNode(node: ts.Node, source: ts.SourceFile, text: string): Edit {
  return { start: node.getStart(source), end: node.end, text };
}

/** Text of a callee such as `this.#link.close`, empty where a node is no call. */
export function calleeOf(node: ts.Node): string {
  return ts.isCallExpression(node) ? node.expression.getText() : "";
}

/** Last name of a callee or a property without `#`: `close` of `this.#link.close`. */
export function lastName(text: string): string {
  return /#?([A-Za-z_$][\w$]*)[!?]*$/.exec(text)?.[1] ?? "";
}

/** The call of a statement or expression, also below `await` and `void`. */
export function callIn(node: ts.Node): ts.CallExpression | null {
  if (ts.isCallExpression(node)) return node;
  if (ts.isExpressionStatement(node) || ts.isAwaitExpression(node) || ts.isVoidExpression(node)) {
    return callIn(node.expression);
  }
  return null;
}

/** Tells whether a call only tells people something. */
export function isLogCall(node: ts.Node): boolean {
  const callee = calleeOf(node);
  return /(^|\.)#?(logs?|logger|console|debug|hint|log[A-Z]\w*)(\.|$)/.test(callee);
}

/** Tells whether a statement consists of log calls. */
export function isOnlyLogs(node: ts.Node): boolean {
  if (ts.isBlock(node)) return node.statements.every(isOnlyLogs);
  const call = callIn(node);
  return call !== null && isLogCall(call);
}

/** Tells whether a statement leaves its block: `return`, `throw`, `continue`, `break`. */
export function isExit(node: ts.Statement): boolean {
  if (ts.isBlock(node)) return node.statements.length === 1 && isExit(node.statements[0]);
  return ts.isReturnStatement(node) || ts.isThrowStatement(node) ||
    ts.isContinueStatement(node) || ts.isBreakStatement(node);
}

/** Tells whether a tree holds no behaviour to change: types, imports, logs, texts of errors. */
export function isOutOfReach(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) {
    return true;
  }
  if (ts.isTypeAliasDeclaration(node) || isLogCall(node)) return true;
  if (ts.isNewExpression(node)) return /Error$/.test(node.expression.getText());
  return ts.isThrowStatement(node) || /^(refuse[A-Z]|describe$|customInspect)/.test(calleeOf(node));
}

/** The condition of the loop that a node stands in or is the condition of, else empty. */
export function loopCondition(node: ts.Node): string {
  for (let above = node; above && !ts.isFunctionLike(above); above = above.parent) {
    if (ts.isWhileStatement(above) || ts.isDoStatement(above)) return above.expression.getText();
    if (ts.isForStatement(above)) return above.condition?.getText() ?? "";
  }
  return "";
}

/** Lines that a node covers. */
export function linesOf(node: ts.Node): number {
  return node.getText().split("\n").length;
}
