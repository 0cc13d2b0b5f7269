/**
 * Texts for people name the program by the constant of contract/text/program_name.ts.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, visitNodes } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const HOME = "contract/text/program_name.ts";
const NAME = /\bdeno task\b/;

/** Finds texts that spell the program's name. */
export const programName: Rule = {
  name: "program-name",
  find: (project) =>
    project.product.filter(({ path }) => path !== HOME).flatMap((file) => {
      const findings: Finding[] = [];
      visitNodes(file, (node) => {
        const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
        if (!isText || !NAME.test(node.text)) return;
        findings.push({
          path: file.path,
          line: lineOf(file, node),
          message: "spells `deno task`: take the name from contract/text/program_name.ts",
        });
      });
      return findings;
    }),
};
