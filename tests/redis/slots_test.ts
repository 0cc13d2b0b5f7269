import { assertEquals, assertMatch } from "@std/assert";
import { keySlot, SLOT_COUNT, slotTag } from "../../redis/slots.ts";
import { toBytes } from "./frame_corpus.ts";

Deno.test("keySlot is CRC16/XMODEM of the key", () => {
  assertEquals(keySlot("123456789"), 0x31c3 % SLOT_COUNT);
  assertEquals(keySlot(""), 0);
  assertEquals(keySlot("foo"), 12182);
});

Deno.test("keySlot of bytes and of text agree", () => {
  for (const key of ["", "a", "{a}b", "grün", "{grün}x", "x{ж}", "{}ж", "ж{a}"]) {
    assertEquals(keySlot(key), keySlot(toBytes(key)), key);
  }
});

Deno.test("keySlot counts the first hash tag only", () => {
  assertEquals(keySlot("{user1000}.following"), keySlot("user1000"));
  assertEquals(keySlot("foo{{bar}}zap"), keySlot("{bar"));
  assertEquals(keySlot("foo{bar}{zap}"), keySlot("bar"));
  assertEquals(keySlot("}foo{bar}"), keySlot("bar"));
  assertEquals(keySlot("a{b"), 13340);
  for (const whole of ["foo{}{bar}", "{}", "{}x", "a{", "a}b"]) {
    assertEquals(keySlot(whole), keySlotOfWhole(whole), whole);
  }
});

Deno.test("slotTag answers a short tag of each slot", () => {
  assertEquals(slotTag(0), "06S");
  assertEquals(slotTag(SLOT_COUNT - 1), "6ZJ");
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    assertMatch(slotTag(slot), /^[0-9A-Za-z]{3}$/);
    assertEquals(keySlot(slotTag(slot)), slot);
  }
});

/** CRC16/XMODEM bit by bit, without hash tags. */
function keySlotOfWhole(key: string): number {
  let crc = 0;
  for (const byte of toBytes(key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOT_COUNT;
}
