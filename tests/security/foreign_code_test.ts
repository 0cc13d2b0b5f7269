/**
 * Code runs nothing but itself: no native library, no other machine, no flag of the engine.
 *
 * @module
 */

import { expectMissing, node } from "./support/node_modules.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "foreign code",
  expectMissing({
    "Deno.dlopen": `Deno.dlopen("libc.so.6", {})`,
    "WASI": node("wasi", "new node.WASI({})"),
    "a virtual machine": node("vm", `node.runInNewContext("1")`),
    "flags of the engine": node("v8", `node.setFlagsFromString("--allow-natives-syntax")`),
    "an inspector": node("inspector", "node.open(0)"),
    "a database": node("sqlite", `new node.DatabaseSync("/tmp/x")`),
  }),
);
