import { assertEquals } from "@std/assert";
import { NodeClient } from "../../../redis/link/node_client.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import { compileGlob } from "../../../isolate/child/pages/glob.ts";
import { createRandom } from "../../support/random.ts";

const ALPHABET = "ab-c^]\\*?[";
const PATTERNS = [
  ...["*", "**", "a*", "*a", "a*b*", "?", "??*", "a?c", "[ab]", "[^ab]*", "[a-c]?", "[c-a]*"],
  ...["[]", "[^]", "[a", "[a-", "[\\]]", "\\*", "a\\", "\\", "*[", "[^a-c]", "é*", "[-a]*", ""],
];

Deno.test("a pattern takes the keys that Redis takes", async () => {
  await using server = await ManagedServer.start();
  using client = new NodeClient(server.address);
  const random = createRandom(7);
  const text = (length: number) =>
    Array.from({ length }, () => ALPHABET[random(ALPHABET.length)]).join("");
  const keys = [...new Set(Array.from({ length: 600 }, () => text(random(5))))];
  const patterns = [
    ...PATTERNS,
    ...Array.from({ length: 400 }, () => text(1 + random(6))),
  ];
  await client.askAll(keys.map((key) => ["SET", key, 1]));
  const replies = await client.askAll(patterns.map((pattern) => ["KEYS", pattern]));
  for (const [index, pattern] of patterns.entries()) {
    const matches = compileGlob(pattern);
    const found = keys.filter((key) => {
      const bytes = new TextEncoder().encode(`<${key}>`);
      return matches(bytes, 1, bytes.length - 1);
    });
    assertEquals(found.sort(), (replies[index] as string[]).sort(), JSON.stringify(pattern));
  }
});
