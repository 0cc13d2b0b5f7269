/**
 * The pages that people enter by are short.
 *
 * @module
 */

import type { Rule } from "../rule.ts";

const MAX_LINES = [["README.md", 130], ["ARCHITECTURE.md", 150]] as const;

/** Finds entry pages that are too long. */
export const pageLengths: Rule = {
  name: "page-lengths",
  find: ({ pages }) =>
    MAX_LINES.flatMap(([path, most]) => {
      const lines = (pages.get(path) ?? "").split("\n").length - 1;
      if (lines <= most) return [];
      return [{ path, message: `has ${lines} lines: at most ${most}; the rest goes to docs/` }];
    }),
};
