/**
 * `deno task build`: makes the files that are shipped and not written by hand.
 *
 * @module
 */

import { buildIsolate } from "./bundle_isolate.ts";

await buildIsolate();
