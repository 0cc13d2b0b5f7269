import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeWire, encodeWire, weighWire } from "../../runtime/isolate/wire.ts";

const VALUES: readonly unknown[] = [
  null,
  undefined,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  123456789012345678901234567890n,
  "",
  "text with é and 😀",
  new Uint8Array([0, 255, 13, 10]),
  new Float64Array([1.5, -2]),
  [1, [2, [3]]],
  { key: "a", value: { nested: [1, 2] } },
  new Map<unknown, unknown>([["a", 1], [2, new Set(["x"])]]),
  new Set([1, "two"]),
  new Date(1_700_000_000_000),
];

Deno.test("every type of structured clone comes back equal", () => {
  for (const value of VALUES) assertEquals(decodeWire(encodeWire(value)), value);
  assertEquals(decodeWire(encodeWire(VALUES)), VALUES);
});

Deno.test("what is encoded has a buffer of its own, which can be transferred", () => {
  for (const value of VALUES) {
    const bytes = encodeWire(value);
    assertEquals(bytes.byteLength, bytes.buffer.byteLength);
  }
});

Deno.test("a function cannot travel", () => {
  assertThrows(() => encodeWire({ callback: () => 1 }), TypeError, "function");
});

Deno.test("weight is never below the bytes, and grows with what they stand for", () => {
  for (const value of VALUES) {
    const bytes = encodeWire(value);
    assert(weighWire(bytes) >= bytes.byteLength);
  }
  const text = weighWire(encodeWire("x".repeat(1000)));
  const arrays = weighWire(encodeWire(Array.from({ length: 1000 }, () => [])));
  assert(arrays > 10 * text, `${arrays} should be far above ${text}`);
});

Deno.test("tokens that are never made are refused", () => {
  assertThrows(() => weighWire(Uint8Array.of(0xc1)), RangeError);
  assertThrows(() => weighWire(Uint8Array.of(0xd4, 0x13, 0)), RangeError, "Extension");
});
