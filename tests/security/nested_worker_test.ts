/**
 * Code starts no thread.
 *
 * @module
 */

import { expectMissing, node } from "./support/node_modules.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "nested workers",
  expectMissing({
    "a thread of Node": node("worker_threads", `new node.Worker("1", { eval: true })`),
    "a Worker of the web": `new Worker("data:text/javascript,1", { type: "module" })`,
    "a Worker of a Blob": `new Worker(URL.createObjectURL(new Blob(["1"])), { type: "module" })`,
  }),
);
