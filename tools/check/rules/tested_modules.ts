/**
 * A module of more than 200 lines has a test that imports it.
 *
 * @module
 */

import type { Rule } from "../rule.ts";

const MAX_UNTESTED_LINES = 200;

/** Finds large modules that no test imports. */
export const testedModules: Rule = {
  name: "tested-modules",
  find(project) {
    const tests = [...project.files.values()].filter(({ path }) => path.startsWith("tests/"));
    const tested = new Set(tests.flatMap(({ imports }) => imports.map(({ target }) => target)));
    return project.product
      .filter(({ path, text }) =>
        text.split("\n").length - 1 > MAX_UNTESTED_LINES && !tested.has(path)
      )
      .map(({ path }) => ({
        path,
        message: `has more than ${MAX_UNTESTED_LINES} lines, and no test imports it`,
      }));
  },
};
