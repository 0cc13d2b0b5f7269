import { assertEquals, assertThrows } from "@std/assert";
import {
  countSlots,
  findMovedSlots,
  readMyId,
  returnedSlots,
  type SlotsSource,
  toSpans,
} from "../../../isolate/child/pages/moved_slots.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const C = "c".repeat(40);

function nodes(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function source(id: string, ...slots: number[]): SlotsSource {
  const mask = new Uint8Array(16384);
  for (const slot of slots) mask[slot] = 1;
  return { id, slots: mask };
}

function slotsOf(found: ReturnType<typeof findMovedSlots>): [string, number[]][] {
  return found.map(({ place, mask }) => [
    `${place.host}:${place.port}`,
    [...mask.keys()].filter((slot) => mask[slot] === 1),
  ]);
}

Deno.test("slots that others own now are found where they are", () => {
  const found = findMovedSlots(
    nodes(
      `${C} 10.0.0.3:7002@17002 master - 0 0 3 connected 5 100-200`,
      `${A} 10.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-3`,
      `${B} 10.0.0.2:7001@17001,host master - 0 0 2 connected 4 6-99`,
      `${"d".repeat(40)} 10.0.0.4:7003@17003 slave ${A} 0 0 1 connected`,
    ),
    { spans: [[0, 7], [50, 50]], askedHost: "me" },
  );
  assertEquals(slotsOf(found), [["10.0.0.3:7002", [5]], ["10.0.0.2:7001", [4, 6, 7, 50]]]);
  assertEquals(countSlots(found), 5);
});

Deno.test("slots on their way are where they go; those that come are not of interest", () => {
  const text = nodes(
    `${A} :7000@17000 myself,master - 0 0 1 connected 0-99 [7->-${B}] [300-<-${B}] [8->-${C}]`,
    `${B} :7001@17001 master - 0 0 2 connected 300`,
  );
  const found = findMovedSlots(
    text,
    { spans: [[0, 7], [300, 300]], askedHost: "127.0.0.1", source: source(B, 300) },
  );
  assertEquals(slotsOf(found), [["127.0.0.1:7001", [7]]]);
  assertEquals([found[0].underWay[7], found[0].underWay[300]], [1, 0]);
  assertEquals(readMyId(text), A);
  for (const other of [undefined, source(C, 300), source(B, 7)]) {
    const question = { spans: [[0, 7], [300, 300]] as const, askedHost: "h", source: other };
    const again = findMovedSlots(text, question);
    assertEquals(slotsOf(again), [["h:7001", [7, 300]]], "keys may still be where they come from");
  }
  const again = findMovedSlots(text, { spans: [[0, 7], [300, 300]], askedHost: "h" });
  assertEquals(toSpans(returnedSlots(again, found)), [[300, 300]]);
});

Deno.test("where nothing has moved, nothing is found", () => {
  const text = nodes(`${A} 1.1.1.1:7000@17000 myself,master - 0 0 1 connected 0-99`);
  assertEquals(findMovedSlots(text, { spans: [[0, 99]], askedHost: "me" }), []);
});

Deno.test("a slot that nobody owns is an error", () => {
  const text = nodes(`${A} 1.1.1.1:7000@17000 myself,master - 0 0 1 connected 0-98`);
  assertThrows(
    () => findMovedSlots(text, { spans: [[0, 99]], askedHost: "me" }),
    Error,
    "owns the slot 99",
  );
});

Deno.test("a mask as spans", () => {
  const mask = new Uint8Array(16384);
  assertEquals(toSpans(mask), []);
  for (const slot of [0, 1, 5, 16382, 16383]) mask[slot] = 1;
  assertEquals(toSpans(mask), [[0, 1], [5, 5], [16382, 16383]]);
});
