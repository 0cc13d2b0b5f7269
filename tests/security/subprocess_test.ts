/**
 * Code starts no process.
 *
 * @module
 */

import { expectMissing, node } from "./support/node_modules.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "subprocesses",
  expectMissing({
    "Deno.Command": `new Deno.Command("id").outputSync()`,
    "a subprocess of Node": node("child_process", `node.execSync("id").toString()`),
    "a cluster of Node": node("cluster", "node.default.fork()"),
  }),
);
