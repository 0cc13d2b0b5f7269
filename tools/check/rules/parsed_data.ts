/**
 * Parsed data gets its type from a schema: `as` on the result of a parser is a claim that nobody
 * checks.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, visitNodes } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

/** Calls whose result came from outside. */
const PARSERS = /(?:^|\.)(?:parse|json|decode\w*|unpack\w*)$/;
/** Types that claim nothing about a value. */
const HARMLESS = /^(?:unknown|const|readonly unknown\[\]|unknown\[\])$/;

/** Finds `as X` on parsed data. */
export const parsedData: Rule = {
  name: "parsed-data",
  find: (project) =>
    project.product.flatMap((file) => {
      const findings: Finding[] = [];
      visitNodes(file, (node) => {
        if (!ts.isAsExpression(node) || HARMLESS.test(node.type.getText(file.source))) return;
        const callee = calleeOf(node.expression);
        if (callee === null || !PARSERS.test(callee.getText(file.source))) return;
        findings.push({
          path: file.path,
          line: lineOf(file, node),
          message: "has `as` on parsed data: check it by a schema and infer the type",
        });
      });
      return findings;
    }),
};

function calleeOf(expression: ts.Expression): ts.Expression | null {
  if (ts.isParenthesizedExpression(expression)) return calleeOf(expression.expression);
  if (ts.isAwaitExpression(expression)) return calleeOf(expression.expression);
  return ts.isCallExpression(expression) ? expression.expression : null;
}
