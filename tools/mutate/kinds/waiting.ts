/**
 * Faults of order in time: a promise that nobody waits for, statements in the other order.
 *
 * @module
 */

import ts from "typescript";
import type { FaultKind } from "../fault.ts";
import { calleeOf, callIn, isOnlyLogs, linesOf } from "../syntax.ts";

/** Longest statement that is swapped with its neighbour. */
const MAX_LINES = 3;
/** Calls whose order among themselves seldom matters. */
const UNORDERED = /\.(set|add|delete|on|addEventListener|register|option|push)\w*$/;
/** Calls that take effect when the running code has ended. */
const LATER = /\.#?(wake|resolve|reject|notify)\w*$/;

/** An `await` gone from a statement, or from a `return` whose block still has to act. */
export const droppedAwait: FaultKind = {
  name: "dropped await",
  *find(node, source) {
    if (!ts.isAwaitExpression(node)) return;
    const isReturn = ts.isReturnStatement(node.parent) && isInTry(node);
    if (!ts.isExpressionStatement(node.parent) && !isReturn) return;
    yield { start: node.getStart(source), end: node.expression.getStart(source), text: "" };
  },
};

/** Two neighbouring statements that depend on each other in the other order. */
export const swappedStatements: FaultKind = {
  name: "swapped statements",
  *find(node, source) {
    if (!ts.isExpressionStatement(node)) return;
    const next = nextStatement(node);
    if (next === null || !dependOnEachOther(node, next)) return;
    const [start, gap] = [node.getStart(source), next.getStart(source)];
    const [first, second] = [node.getText(source), next.getText(source)];
    const between = source.text.slice(node.end, gap);
    yield { start, end: next.end, text: `${second}${between}${first}` };
  },
};

/** Tells whether leaving a function has still a `catch` or `finally` to pass. */
function isInTry(node: ts.Node): boolean {
  for (let above = node.parent; above && !ts.isFunctionLike(above); above = above.parent) {
    if (ts.isTryStatement(above.parent) && above === above.parent.tryBlock) return true;
  }
  return false;
}

function nextStatement(node: ts.ExpressionStatement): ts.ExpressionStatement | null {
  if (!ts.isBlock(node.parent)) return null;
  const next = node.parent.statements[node.parent.statements.indexOf(node) + 1];
  return next !== undefined && ts.isExpressionStatement(next) ? next : null;
}

function dependOnEachOther(first: ts.ExpressionStatement, second: ts.ExpressionStatement): boolean {
  const both = [first, second];
  if (both.some((one) => isOnlyLogs(one) || linesOf(one) > MAX_LINES)) return false;
  if (both.every((one) => UNORDERED.test(callIn(one)?.expression.getText() ?? ""))) return false;
  if (both.some((one) => LATER.test(calleeOf(one.expression)))) return false;
  if (both.every(isAwaitedCall)) return true;
  // Waiting for what is under way anyway begins nothing.
  if (both.every(({ expression }) => ts.isAwaitExpression(expression))) return false;
  return touches(first, second) || touches(second, first);
}

function isAwaitedCall({ expression }: ts.ExpressionStatement): boolean {
  return ts.isAwaitExpression(expression) && callIn(expression) !== null;
}

/** Tells whether a statement writes or calls something that the other one reads. */
function touches(writer: ts.ExpressionStatement, reader: ts.ExpressionStatement): boolean {
  const target = targetOf(writer.expression);
  if (target === "" || target === "this") return false;
  return !keepsOnly(reader.expression, target) && namesIn(reader).has(target);
}

/** Tells whether an expression keeps an object as it is, so that its state does not matter. */
function keepsOnly(node: ts.Expression, name: string): boolean {
  return ts.isBinaryExpression(node) && node.right.getText() === name;
}

/** What an expression changes: the left side of `=`, the receiver of a method's call. */
function targetOf(node: ts.Expression): string {
  if (ts.isBinaryExpression(node)) return node.left.getText();
  if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) {
    return node.operand.getText();
  }
  const callee = callIn(node)?.expression;
  return callee !== undefined && ts.isPropertyAccessExpression(callee)
    ? callee.expression.getText()
    : "";
}

function namesIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (inner: ts.Node) => {
    if (ts.isIdentifier(inner) || ts.isPropertyAccessExpression(inner)) names.add(inner.getText());
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return names;
}
