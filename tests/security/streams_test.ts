/**
 * Code reaches no stream of its process.
 *
 * @module
 */

import { expectMissing, node } from "./support/node_modules.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "streams of the process",
  expectMissing({
    "the terminal": node("tty", "node.isatty(1)"),
    "stdout of Node": node("fs", `node.writeSync(1, "out")`),
    "closing stderr": node("fs", "node.closeSync(2)"),
  }),
);
