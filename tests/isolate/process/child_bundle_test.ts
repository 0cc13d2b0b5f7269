import { assert, assertEquals, assertLess } from "@std/assert";
import { prepareChildBundle } from "../../support/child_bundle.ts";

/** What only zod's own source says; names of ours may hold `zod`. */
const ZOD = /ZodError|ZodType|safeParse|_zod\b/;
/**
 * Each start of a child reads both: 320 and 96 thousand today. Zod would add 760, its small build
 * 58.
 */
const MAX_CHARS = { sandbox: 350_000, host: 120_000 };

Deno.test("neither file of a child holds a schema library, and both stay small", async () => {
  const { directory } = await prepareChildBundle();
  for (const [name, maxChars] of Object.entries(MAX_CHARS)) {
    const code = await Deno.readTextFile(`${directory}${name}.js`);
    assertEquals(ZOD.exec(code)?.[0], undefined, `${name}.js holds zod`);
    assertLess(code.length, maxChars, `${name}.js has grown`);
    assert(code.length > 1_000, `${name}.js is empty`);
  }
});
