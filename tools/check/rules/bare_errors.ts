/**
 * Errors that the runtime, the mesh and the command line throw are of the table in `errors.ts`:
 * each has a code that clients can tell apart. Subclasses, such as `RangeError` of a codec, are
 * caught by the room that throws them.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, visitNodes } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const ROOMS = /^(?:runtime|coordinator|cli|servers)\//;
const BARE = "Error";

/** Finds errors without a code. */
export const bareErrors: Rule = {
  name: "bare-errors",
  find: (project) =>
    project.product.filter(({ path }) => ROOMS.test(path)).flatMap((file) => {
      const findings: Finding[] = [];
      visitNodes(file, (node) => {
        if (!ts.isThrowStatement(node) || !ts.isNewExpression(node.expression)) return;
        if (node.expression.expression.getText(file.source) !== BARE) return;
        findings.push({
          path: file.path,
          line: lineOf(file, node),
          message: "throws an error without a code: use PinionError and the table of errors.ts",
        });
      });
      return findings;
    }),
};
