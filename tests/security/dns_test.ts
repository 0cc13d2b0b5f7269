/**
 * Data leaves by a name that is looked up.
 *
 * @module
 */

import { expectFetchRefused, reach } from "./support/reach.ts";
import { securitySuite } from "./support/security_suite.ts";

/** None of them may reach a resolver. */
const NAMES = ["http://data.example.com/", "https://data.invalid/", "http://localhost.:8999/"];

securitySuite("look-ups of names", {
  ...reach({
    "a resolver of Node":
      "(0, eval)(`import('node:dns')`).then((dns) => dns.promises.lookup('data.HOST'))",
    "Deno.resolveDns": "Deno.resolveDns('data.example.com', 'A')",
  }),
  "of a URL": async (arena) => {
    for (const name of NAMES) await expectFetchRefused(arena, name);
  },
});
