import { assertEquals, assertThrows } from "@std/assert";
import { SlotTable } from "../../../runtime/base/slot_table.ts";

Deno.test("a slot table gives back what was put in, once, and no id twice", () => {
  const table = new SlotTable<{ readonly n: number }>();
  const expected = new Map<number, { readonly n: number }>();
  const given = new Set<number>();
  for (let n = 0; n < 20_000; n++) {
    const value = { n };
    const id = table.add(value);
    assertEquals(given.has(id), false);
    given.add(id);
    expected.set(id, value);
    if (n % 3 === 0) continue;
    const [oldest] = expected.keys();
    assertEquals(table.get(oldest), expected.get(oldest));
    assertEquals(table.take(oldest), expected.get(oldest));
    assertEquals([table.take(oldest), table.get(oldest)], [undefined, undefined]);
    expected.delete(oldest);
  }
  assertEquals(table.size, expected.size);
  assertEquals(new Set(table), new Set(expected.values()));
  for (const id of [-1, 0.5, NaN, 2 ** 53, Infinity]) assertEquals(table.take(id), undefined);
});

Deno.test("a slot table has a bound", () => {
  const table = new SlotTable<object>();
  for (let n = 0; n < 2 ** 20; n++) table.add({});
  assertThrows(() => table.add({}), RangeError);
});
