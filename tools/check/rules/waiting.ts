/**
 * Waiting is `delay` of @std/async, or a promise of what is waited for: no sleep by hand.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, type ProjectFile, visitNodes } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

/** Finds promises that only a timer resolves. */
export const waiting: Rule = {
  name: "waiting",
  find: (project) =>
    project.product.flatMap((file) => {
      const findings: Finding[] = [];
      visitNodes(file, (node) => {
        if (!isSleep(file, node)) return;
        findings.push({
          path: file.path,
          line: lineOf(file, node),
          message: "sleeps by hand: use `delay` of @std/async, or wait for the event itself",
        });
      });
      return findings;
    }),
};

/** Tells whether a node is `new Promise((resolve) => setTimeout(resolve, …))`, with a duration. */
function isSleep({ source }: ProjectFile, node: ts.Node): boolean {
  if (!ts.isNewExpression(node) || node.expression.getText(source) !== "Promise") return false;
  const [executor] = node.arguments ?? [];
  if (executor === undefined || !ts.isArrowFunction(executor)) return false;
  const [resolve] = executor.parameters;
  const body = executor.body.getText(source).replace(/^\{\s*(?:return )?/, "");
  return resolve !== undefined &&
    new RegExp(`^setTimeout\\(\\s*${resolve.name.getText(source)}\\s*,`).test(body);
}
