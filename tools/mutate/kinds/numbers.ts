/**
 * Faults of numbers: off by one, another bound, the larger in place of the smaller.
 *
 * @module
 */

import ts from "typescript";
import type { FaultKind } from "../fault.ts";
import { calleeOf, lastName, replaceNode } from "../syntax.ts";

/** Methods whose numbers are positions. */
const CUTS = /^(slice|subarray|substring|splice)$/;
/** Constants that bound something; sizes of steps and times change no outcome. */
const LIMIT_NAME = /(^|_)(MAX|MIN|LIMIT|BOUND|LONGEST|MOST|LEAST)(_|$)/;
const PACE_NAME = /_(MS|SECONDS|MINUTES|CHUNK|PAGE|BUFFER|BATCH|STEP)(_|$)|(^|_)(WAIT|PAUSE|DELAY)/;
/** Waits that are longer or shorter change no outcome. */
const WAIT = /pause|delay|timeout|_MS\b|[a-z]Ms\b|backoff|jitter/i;
/** Characters round about a number that tell what it is for. */
const MAX_CONTEXT = 200;

/** `+ 1` or `- 1` is gone, or a position in a text or in bytes is one further. */
export const offByOne: FaultKind = {
  name: "off by one",
  *find(node, source) {
    if (ts.isBinaryExpression(node) && isOne(node.right)) {
      const { kind } = node.operatorToken;
      if (kind !== ts.SyntaxKind.PlusToken && kind !== ts.SyntaxKind.MinusToken) return;
      yield { start: node.left.end, end: node.end, text: "" };
    }
    if (!ts.isCallExpression(node) || !CUTS.test(lastName(calleeOf(node)))) return;
    for (const position of node.arguments) {
      if (!ts.isNumericLiteral(position)) continue;
      yield replaceNode(position, source, String(Number(position.text) + 1));
    }
  },
};

/** A constant that bounds something is half of what it was. */
export const changedBound: FaultKind = {
  name: "changed bound",
  *find(node, source) {
    if (!ts.isVariableDeclaration(node) || !node.initializer) return;
    const name = node.name.getText(source);
    if (!LIMIT_NAME.test(name) || PACE_NAME.test(name)) return;
    const text = node.initializer.getText(source);
    if (!/^[\d_\s*+()-]+$/.test(text)) return;
    yield replaceNode(node.initializer, source, `Math.floor((${text}) / 2)`);
  },
};

/** `Math.min` in place of `Math.max` and the other way round. */
export const swappedExtreme: FaultKind = {
  name: "min and max swapped",
  *find(node, source) {
    const callee = calleeOf(node);
    if (!ts.isCallExpression(node) || !/^Math\.(min|max)$/.test(callee)) return;
    if (WAIT.test(node.parent.getText(source).slice(0, MAX_CONTEXT))) return;
    yield replaceNode(node.expression, source, callee === "Math.min" ? "Math.max" : "Math.min");
  },
};

function isOne(node: ts.Expression): boolean {
  return ts.isNumericLiteral(node) && node.text === "1";
}
