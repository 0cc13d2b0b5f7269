/**
 * Faults of conditions: the other way round, one wider, joined by the other word.
 *
 * @module
 */

import ts from "typescript";
import type { FaultKind } from "../fault.ts";
import { isOnlyLogs, lastName, loopCondition, replaceNode } from "../syntax.ts";

const COMPARISONS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
]);
const JOINS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
]);
/** Moments are never equal, so `<` and `<=` of them are the same. */
const MOMENT = /now\b|now\(|deadline|elapsed|until\b|[a-z](At|Ms|Since)\b|_MS\b|Date\b|\bage\b/i;
/** A buffer that grows a little earlier holds the same. */
const GROWTH = /[*/] 2\b|capacity/i;
/** A loop over what is left, which with `>=` would never end. */
const NEVER_EMPTY = /(length|size) > 0$/;
/** Values of which one may begin with another one. */
const TEXT_NAME =
  /(token|name|path|key|secret|text|user|host|password|origin|method|url|pattern|stream)$/i;

/** `<` in place of `<=` and the like, where both sides can be equal. */
export const flippedComparison: FaultKind = {
  name: "flipped comparison",
  *find(node, source) {
    if (!ts.isBinaryExpression(node)) return;
    const other = COMPARISONS.get(node.operatorToken.kind);
    const text = node.getText(source);
    if (other === undefined || MOMENT.test(text) || GROWTH.test(text)) return;
    if (choosesOperand(node) || (NEVER_EMPTY.test(text) && loopCondition(node).includes(text))) {
      return;
    }
    yield replaceNode(node.operatorToken, source, other);
  },
};

/** A condition that says the contrary. */
export const negatedCondition: FaultKind = {
  name: "negated condition",
  *find(node, source) {
    const condition = conditionOf(node);
    if (condition === null || condition.kind === ts.SyntaxKind.TrueKeyword) return;
    yield replaceNode(condition, source, `!(${condition.getText(source)})`);
  },
};

/** `&&` in place of `||` and the other way round. */
export const swappedJoin: FaultKind = {
  name: "&& and || swapped",
  *find(node, source) {
    if (!ts.isBinaryExpression(node)) return;
    const other = JOINS.get(node.operatorToken.kind);
    if (other !== undefined) yield replaceNode(node.operatorToken, source, other);
  },
};

/** A text that begins with the right one is taken for it. */
export const prefixCompare: FaultKind = {
  name: "prefix compare",
  *find(node, source) {
    if (!ts.isBinaryExpression(node)) return;
    const isEqual = node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
    if (!isEqual && node.operatorToken.kind !== ts.SyntaxKind.ExclamationEqualsEqualsToken) return;
    const [left, right] = [node.left.getText(source), node.right.getText(source)];
    if (![left, right].every((side) => TEXT_NAME.test(lastName(side)))) return;
    const text = `String(${right}).startsWith(String(${left}))`;
    yield replaceNode(node, source, isEqual ? text : `!${text}`);
  },
};

/** Tells whether a comparison picks the smaller or larger one of its own sides. */
function choosesOperand(node: ts.BinaryExpression): boolean {
  const { parent } = node;
  if (!ts.isConditionalExpression(parent) || parent.condition !== node) return false;
  const sides = [node.left.getText(), node.right.getText()];
  return [parent.whenTrue, parent.whenFalse].every((branch) => sides.includes(branch.getText()));
}

function conditionOf(node: ts.Node): ts.Expression | null {
  if (ts.isIfStatement(node)) {
    return isOnlyLogs(node.thenStatement) && !node.elseStatement ? null : node.expression;
  }
  if (ts.isWhileStatement(node) || ts.isDoStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node)) return isWording(node) ? null : node.condition;
  return null;
}

/** Tells whether a choice is one of words inside a sentence. */
function isWording(node: ts.ConditionalExpression): boolean {
  return ts.isTemplateSpan(node.parent) &&
    [node.whenTrue, node.whenFalse].every((branch) => ts.isStringLiteralLike(branch));
}
