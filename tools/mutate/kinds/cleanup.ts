/**
 * Faults of clean-up: something is not closed, cleared, cut off or given back.
 *
 * @module
 */

import ts from "typescript";
import type { Edit, FaultKind } from "../fault.ts";
import { calleeOf, callIn, isOnlyLogs, lastName, replaceNode } from "../syntax.ts";

/** First word of functions that give something back. */
const CLEANUP_NAME = new RegExp(
  "^(close|stop|dispose|release|abort|cancel|delete|clear|remove|end|destroy|free|leave|drop|" +
    "unsubscribe|forget|kill|detach|defer|adopt|reset|flush|unlink|quit|disconnect|shutdown|" +
    "finish|asyncDispose)([A-Z]|$)",
);
const TIMER_NAME = /^clear(Timeout|Interval)$/;
/** Dropping these leaves garbage that the collector takes as well. */
const HARMLESS_NAME = /^(removeEventListener|endsWith|ended)$/;

/** The statement that closes or releases something is gone. */
export const droppedCleanup: FaultKind = {
  name: "dropped clean-up",
  *find(node, source) {
    const name = calledName(node);
    if (!CLEANUP_NAME.test(name) || TIMER_NAME.test(name) || HARMLESS_NAME.test(name)) return;
    yield* dropCall(node, source);
  },
};

/** A timer is not cleared. */
export const droppedClearTimer: FaultKind = {
  name: "dropped clear of a timer",
  *find(node, source) {
    if (TIMER_NAME.test(calledName(node))) yield* dropCall(node, source);
  },
};

/** An abort is not listened to, asked for or handed on. */
export const droppedAbort: FaultKind = {
  name: "dropped abort listener",
  *find(node, source) {
    const call = ts.isExpressionStatement(node) ? callIn(node) : null;
    if (call !== null && listensToAbort(call)) yield replaceNode(node, source, "{}");
    if (!ts.isObjectLiteralExpression(node.parent) || !isArgument(node.parent)) return;
    const isSignal = ts.isShorthandPropertyAssignment(node) ||
      (ts.isPropertyAssignment(node) && !/undefined/.test(node.initializer.getText()));
    if (isSignal && node.name.getText() === "signal") {
      yield replaceNode(node, source, "signal: undefined");
    }
  },
};

/** The block of a `finally` is empty. */
export const droppedFinally: FaultKind = {
  name: "dropped finally",
  *find(node, source) {
    if (ts.isTryStatement(node) && node.finallyBlock && !isOnlyLogs(node.finallyBlock)) {
      yield replaceNode(node.finallyBlock, source, "{}");
    }
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const { expression: promise, name } = node.expression;
    if (name.text === "finally") yield replaceNode(node, source, promise.getText(source));
  },
};

/** A resource is not disposed of at the end of its block, or not by its stack. */
export const droppedDispose: FaultKind = {
  name: "dropped dispose",
  *find(node, source) {
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.Using) {
      const name = node.declarations[0].getStart(source);
      yield { start: node.getStart(source), end: name, text: "const " };
    }
    if (!ts.isCallExpression(node) || node.arguments.length !== 1) return;
    if (!/[sS]tack\.use$|[oO]wned\.use$/.test(calleeOf(node))) return;
    yield replaceNode(node, source, `(${node.arguments[0].getText(source)})`);
  },
};

function calledName(node: ts.Node): string {
  if (!ts.isExpressionStatement(node) && !isBodyOfArrow(node)) return "";
  const callee = callIn(node)?.expression;
  if (callee === undefined) return "";
  return ts.isElementAccessExpression(callee)
    ? lastName(callee.argumentExpression.getText())
    : lastName(callee.getText());
}

function* dropCall(node: ts.Node, source: ts.SourceFile): Iterable<Edit> {
  yield replaceNode(node, source, "{}");
}

function isBodyOfArrow(node: ts.Node): boolean {
  return ts.isArrowFunction(node.parent) && node.parent.body === node;
}

function isArgument(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) || ts.isNewExpression(node.parent);
}

function listensToAbort(call: ts.CallExpression): boolean {
  const name = lastName(call.expression.getText());
  if (name === "throwIfAborted") return true;
  return name === "addEventListener" && call.arguments[0]?.getText() === '"abort"';
}
