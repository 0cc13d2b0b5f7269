/**
 * Faults of flow: a branch, a guard or a statement is gone, a function ends early.
 *
 * @module
 */

import ts from "typescript";
import type { FaultKind } from "../fault.ts";
import {
  callIn,
  isExit,
  isLogCall,
  isOnlyLogs,
  linesOf,
  loopCondition,
  replaceNode,
} from "../syntax.ts";

/** Longest statement that is dropped as one. */
const MAX_LINES = 5;
/** A guard for nothing to do, which the code behind it does as well. */
const EMPTY = /\b(length|size|byteLength|count)\b\s*(===|<=?)\s*[01]\b/;
/** A return that the type check takes for one that may not happen. */
const ALREADY = "if (performance.now() > 0) return; ";
const FINISHERS = /^(close|stop|end|dispose|clear|release|abort|remove|delete)/;

/** A branch without `else` is gone, or the `else` is. */
export const droppedBranch: FaultKind = {
  name: "dropped branch",
  *find(node, source) {
    if (!ts.isIfStatement(node)) return;
    const { thenStatement, elseStatement } = node;
    if (elseStatement !== undefined && !isOnlyLogs(elseStatement)) {
      yield { start: thenStatement.end, end: elseStatement.end, text: "" };
    }
    if (elseStatement !== undefined || isExit(thenStatement) || isOnlyLogs(thenStatement)) return;
    yield replaceNode(node, source, "{}");
  },
};

/** A guard that returns, throws or goes on early is gone. */
export const droppedGuard: FaultKind = {
  name: "dropped guard",
  *find(node, source) {
    if (!ts.isIfStatement(node) || node.elseStatement || !isExit(node.thenStatement)) return;
    if (isShortcut(node)) return;
    yield replaceNode(node, source, "{}");
  },
};

/** A function without result ends before its second half. */
export const earlyReturn: FaultKind = {
  name: "early return",
  *find(node, source) {
    if (!ts.isBlock(node) || !isVoidBody(node)) return;
    const { statements } = node;
    const middle = statements[Math.ceil(statements.length / 2)];
    if (statements.length < 3 || statements.slice(statements.indexOf(middle)).every(isOnlyLogs)) {
      return;
    }
    const at = middle.getStart(source);
    yield { start: at, end: at, text: ALREADY };
  },
};

/** A statement that changes something is gone. */
export const droppedStatement: FaultKind = {
  name: "dropped statement",
  *find(node, source) {
    if (!ts.isExpressionStatement(node) || linesOf(node) > MAX_LINES) return;
    if (isInConstructor(node) || !hasEffect(node.expression) || drivesLoop(node)) return;
    yield replaceNode(node, source, "{}");
  },
};

/** Tells whether a guard saves work only: nothing to do, or a kept result. */
function isShortcut({ expression, thenStatement }: ts.IfStatement): boolean {
  const exit = ts.isBlock(thenStatement) ? thenStatement.statements[0] : thenStatement;
  if (ts.isThrowStatement(exit)) return false;
  const condition = expression.getText();
  if (EMPTY.test(condition)) return true;
  const result = ts.isReturnStatement(exit) ? exit.expression?.getText() : undefined;
  return result !== undefined && result !== "" && condition.startsWith(`${result} !==`);
}

function isVoidBody(block: ts.Block): boolean {
  const { parent } = block;
  if (!ts.isMethodDeclaration(parent) && !ts.isFunctionDeclaration(parent)) return false;
  return /^(void|Promise<void>)$/.test(parent.type?.getText() ?? "");
}

function isInConstructor(node: ts.Node): boolean {
  return ts.isBlock(node.parent) && ts.isConstructorDeclaration(node.parent.parent);
}

/** Tells whether the loop round about a statement would never end without it. */
function drivesLoop({ expression }: ts.ExpressionStatement): boolean {
  const target = ts.isBinaryExpression(expression)
    ? expression.left
    : ts.isPostfixUnaryExpression(expression) || ts.isPrefixUnaryExpression(expression)
    ? expression.operand
    : null;
  return target !== null && loopCondition(expression).includes(target.getText());
}

/** Tells whether an expression is an assignment of a value or a call of other than clean-up. */
function hasEffect(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node)) return !/^(null|undefined|"")$/.test(node.right.getText());
  if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) return true;
  const call = callIn(node);
  if (call === null || isLogCall(call)) return false;
  const name = /#?(\w+)$/.exec(call.expression.getText())?.[1] ?? "";
  return !FINISHERS.test(name) && !/^(super|unref|addEventListener|init)|Listener$/.test(name);
}
