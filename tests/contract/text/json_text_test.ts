import { assertEquals } from "@std/assert";
import { toJsonText } from "../../../contract/text/json_text.ts";

Deno.test("values that JSON lacks are shown by the nearest thing it has", () => {
  const cases: readonly (readonly [value: unknown, text: string])[] = [
    [undefined, "null"],
    [null, "null"],
    ["a\n", '"a\\n"'],
    [NaN, "null"],
    [-Infinity, "null"],
    [10n, "10"],
    [-(2n ** 53n), '"-9007199254740992"'],
    [[undefined, () => 1], "[null,null]"],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [new Map<unknown, unknown>([["a", new Map([["b", 1n]])]]), '{"a":{"b":1}}'],
    [new Map<unknown, unknown>([[1, 2], ["a", 3]]), '[[1,2],["a",3]]'],
    [new Map([["__proto__", 1]]), '{"__proto__":1}'],
    [new Set([1, new Set()]), "[1,[]]"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Date(NaN), "null"],
    [new Uint8Array([255, 0]), '{"base64":"/wA="}'],
    [new Uint8Array([1, 2, 3]).buffer, '{"base64":"AQID"}'],
    [new DataView(new Uint8Array([1, 2, 3]).buffer, 1), '{"base64":"AgM="}'],
    [new Float64Array([1.5, NaN]), "[1.5,null]"],
    [new BigInt64Array([1n]), "[1]"],
    [new TypeError("x"), '{"name":"TypeError","message":"x"}'],
  ];
  for (const [value, text] of cases) assertEquals(toJsonText(value), text);
});

Deno.test("what JSON cannot show at all is said in text", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  assertEquals(toJsonText(circle), '"[contains itself, which JSON cannot show]"');
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assertEquals(toJsonText(deep), '"[nests too deep or is too long for JSON]"');
});
