/**
 * Tables of the documentation that derive from the code are those of the code.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { makePages } from "../../tools/write_docs.ts";

Deno.test("tables: none is stale (`deno task docs` writes them)", async () => {
  for (const { before, after } of await makePages()) assertEquals(before, after);
});
