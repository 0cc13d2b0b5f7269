import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { decodeWire, encodeWire } from "../../../contract/isolate/wire.ts";

class Point {
  constructor(readonly x: number, readonly y: number) {}
}

/** Values that come back equal and of the same type. */
const KEPT: Readonly<Record<string, unknown>> = {
  "nothing": [null, undefined, { a: undefined }],
  "numbers": [0, -0, 1.5, -1, 2 ** 53, NaN, Infinity, -Infinity, 1e300],
  "bigints": [0n, -1n, 2n ** 63n, 2n ** 64n, -(2n ** 200n), 2n ** 1000n],
  "text": ["", "grün €", "\u0000", "\u2028", "x".repeat(100_000)],
  "bytes": new Uint8Array([0, 255, 128]),
  "typed arrays": [new Float64Array([1.5]), new Int32Array([-1]), new BigUint64Array([5n])],
  "an ArrayBuffer": new Uint8Array([1, 2]).buffer,
  "dates": [new Date(0), new Date(1e12), new Date(-1), new Date(8.64e15)],
  "maps": new Map<unknown, unknown>([["a", 1], [1, new Map([[{ k: 1 }, 2]])]]),
  "sets": new Set<unknown>([1, "1", new Set([null])]),
  "regular expressions": /a\/b/gi,
  "arrays of arrays": [[], [[1], [2, [3]]]],
  "objects of many shapes": Array.from({ length: 500 }, (_, n) => ({ [`k${n % 90}`]: n, n })),
  "names that mean something": {
    constructor: 1,
    toString: "x",
    hasOwnProperty: null,
    "": 0,
    "a b": 1,
  },
  "an object of many fields": Object.fromEntries(
    Array.from({ length: 70_000 }, (_, n) => [`f${n}`, n]),
  ),
};

Deno.test("what structured clone knows comes back as it was", () => {
  for (const [name, value] of Object.entries(KEPT)) {
    assertEquals(decodeWire(encodeWire(value)), value, name);
    assertEquals(decodeWire(encodeWire([value, value])), [value, value], name);
  }
});

Deno.test("errors keep name and message", () => {
  const error = decodeWire(encodeWire(new RangeError("too far")));
  assertInstanceOf(error, Error);
  assertEquals([error.name, error.message], ["RangeError", "too far"]);
});

Deno.test("instances become plain objects", () => {
  assertEquals(decodeWire(encodeWire(new Point(1, 2))), { x: 1, y: 2 });
});

Deno.test("a field called __proto__ cannot reach a prototype", () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
  const decoded = decodeWire(encodeWire(value)) as Record<string, unknown>;
  assertEquals(Object.getPrototypeOf(decoded), Object.prototype);
  assertEquals([decoded.a, decoded.polluted, ({} as { polluted?: unknown }).polluted], [
    1,
    undefined,
    undefined,
  ]);
});

Deno.test("what cannot be sent throws, and the next value is sent", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const value of [() => 1, { f() {} }, [Symbol("s")], circle]) {
    assertThrows(() => encodeWire(value));
    assertEquals(decodeWire(encodeWire({ a: [1] })), { a: [1] });
  }
});

Deno.test("encoded bytes have a buffer of their own", () => {
  for (const value of ["x", { a: 1 }, "y".repeat(50_000)]) {
    const bytes = encodeWire(value);
    assertEquals(bytes.buffer.byteLength, bytes.byteLength);
  }
});

Deno.test("malformed bytes throw", () => {
  for (const bytes of [[], [0xdd, 0xff, 0xff, 0xff, 0xff], [0x93, 1], [1, 2, 3]]) {
    assertThrows(() => decodeWire(new Uint8Array(bytes)), Error, "", `${bytes}`);
  }
});
