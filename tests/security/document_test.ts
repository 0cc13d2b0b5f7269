/**
 * docs/security.md names the tests that are there, and all of them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** This one tries nothing. */
const OWN_NAME = "document";

/** What stands after each `Tests:`, to the end of its item. */
function listNamed(text: string): string[] {
  const lists = text.matchAll(/Tests:([^]*?)(?=\n\n|\n- |\n#)/g);
  return [...lists].flatMap(([, list]) =>
    Array.from(list.matchAll(/`([\w/]+)`/g), ([, name]) => name)
  );
}

Deno.test("docs/security.md names every test of attacks, and no other", async () => {
  const named = listNamed(await Deno.readTextFile(new URL("docs/security.md", ROOT)));
  const files = [...Deno.readDirSync(new URL("tests/security/", ROOT))]
    .map(({ name }) => /^(\w+)_test\.ts$/.exec(name)?.[1])
    .filter((name) => name !== undefined && name !== OWN_NAME);
  assertEquals([...new Set(named.filter((name) => !name.includes("/")))].sort(), files.sort());
  for (const folder of named.filter((name) => name.includes("/"))) {
    await Deno.stat(new URL(folder, ROOT));
  }
});
