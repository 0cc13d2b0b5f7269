/**
 * Marks of chains may come from anybody who may publish, and words about them from hostile code: what
 * is remembered of them is bounded.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Chains, MAX_CHAIN_DEPTH } from "../../../../runtime/events/chains/chains.ts";
import { OpenMarks } from "../../../../runtime/events/chains/open_marks.ts";
import { RecentMap } from "../../../../runtime/events/chains/recent_map.ts";
import { usedBytes } from "../../../support/growth.ts";

Deno.test("what is remembered of names is bounded by their number and their length", () => {
  const map = new RecentMap<number>({ entries: 3, chars: 10 });
  for (const [value, name] of ["a", "b", "c", "d"].entries()) map.set(name, value);
  assertEquals([...map].map(([name]) => name), ["b", "c", "d"]);
  map.set("b", 9);
  map.set("12345678", 5);
  assertEquals([...map], [["d", 3], ["b", 9], ["12345678", 5]]);
  map.set("x".repeat(11), 6);
  assertEquals([map.size, map.get("x".repeat(11))], [3, undefined]);
  map.delete("12345678");
  for (const name of ["p", "q", "r"]) map.set(name, 7);
  assertEquals([...map].map(([name]) => name), ["p", "q", "r"]);
});

Deno.test("marks without an end are bounded, also those of one sender", () => {
  const marks = new OpenMarks({ entries: 10, chars: 1_000 });
  marks.add("old", "mine", 3, 0);
  for (let number = 0; number < 8; number++) marks.add("other", `k${number}`, 1, 0);
  assertEquals([marks.depthOf("mine"), marks.depthOf("k7")], [undefined, 1]);
  for (let number = 0; number < 100; number++) marks.add("other", `k${number}`, 1, 0);
  const left = Array.from({ length: 100 }, (_, number) => marks.depthOf(`k${number}`));
  assert(left.filter((depth) => depth !== undefined).length <= 10);
  marks.end("other");
  assert(marks.isEmpty);
  // The same key again and again is one mark.
  for (let round = 0; round < 100; round++) marks.add("s", "k", 2, 0);
  marks.add("t", "x".repeat(2_000), 1, 0);
  assert(marks.isEmpty);
});

Deno.test("a mark that is none marks nothing", () => {
  const chains = new Chains();
  for (const depth of ["NaN", "-1", "0", "1e9", "999", "0x9", "3.5"]) {
    chains.mark(`s ${depth} k`, 0);
    assertEquals(chains.depthOf("k"), 0, depth);
  }
  chains.mark(`s ${MAX_CHAIN_DEPTH} k`, 0);
  assertEquals(chains.depthOf("k"), MAX_CHAIN_DEPTH);
});

Deno.test("floods of marks and of words about streams leave little behind", () => {
  const chains = new Chains();
  const writer = { sync: () => Promise.resolve() };
  const before = usedBytes();
  const long = "x".repeat(2_000);
  for (let number = 0; number < 60_000; number++) {
    chains.mark(`s${number % 7} 3 ${long}${number}`, number / 100);
    chains.take({ type: "adding", key: `${long}${number}` }, writer);
    chains.take({ type: "added", key: `${long}-${number}`, id: "1-1", depth: 2 }, writer);
    chains.take({ type: "wrote", depth: 5, keys: [`${long}${number}`] }, writer);
  }
  (globalThis as { gc?: () => void }).gc?.();
  const grown = usedBytes() - before;
  assert(grown < 150 * 1024 * 1024, `${grown} bytes for 480 MB of names`);
  assertEquals(chains.depthOf(`${long}59999`, () => Date.now()), 3);
});
