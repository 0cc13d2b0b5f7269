import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { KeyTable } from "../../../isolate/sandbox/steps/key_table.ts";

/** Texts that FNV-1a over UTF-16 units, as the table folds it, puts in the same place. */
function collidingKeys(count: number): string[] {
  const hash = (text: string) => {
    let value = text.length;
    for (let i = 0; i < text.length; i++) {
      value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    }
    return value ^ (value >>> 15);
  };
  const keys: string[] = [];
  for (let number = 0; keys.length < count; number++) {
    const key = `k${number}`;
    if ((hash(key) & 0xfff) === 7) keys.push(key);
  }
  return keys;
}

function countAll(keys: readonly string[]): void {
  const table = new KeyTable<number>(0);
  const expected = new Map<string, number>();
  for (const key of keys) {
    table.entry(key).value++;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  assertEquals(table.entries.map(({ key, value }) => [key, value]), [...expected]);
}

Deno.test("a key table counts what a Map counts, in the same order", () => {
  const random = Array.from({ length: 200_000 }, () => Math.floor(Math.random() * 60_000));
  countAll(random.map(String));
  countAll(random.map((number) => `${number} ${"long ".repeat(number % 9)}`));
  countAll(random.map((number) => String.fromCharCode(number, number >> 3)));
  countAll(["", "a", "", "__proto__", "constructor", "a\0", "a", "__proto__"]);
});

Deno.test("keys that collide are all found, also after the table has grown", () => {
  const colliding = collidingKeys(300);
  const others = Array.from({ length: 5_000 }, (_, index) => `other-${index}`);
  countAll([...colliding, ...colliding, ...others, ...colliding, ...others]);
  countAll([...others, ...colliding, ...others, ...colliding]);
});

Deno.test("an entry stays the same object while the table grows", () => {
  const table = new KeyTable<number>(0);
  const first = table.entry("first");
  for (let number = 0; number < 10_000; number++) table.entry(`key-${number}`);
  assertStrictEquals(table.entry("first"), first);
  assert(table.entries[0] === first);
});
