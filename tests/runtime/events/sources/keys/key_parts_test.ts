import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  coverPatterns,
  parsePrefix,
  toGlob,
} from "../../../../../runtime/events/source/covering_patterns.ts";
import { Debounce } from "../../../../../runtime/events/sources/keys/debounce.ts";
import { eventsOf } from "../../../../../runtime/events/sources/keys/event_filter.ts";
import { EventQueue } from "../../../../../runtime/events/sources/keys/event_queue.ts";
import { classesOf } from "../../../../../runtime/events/sources/capture/event_table.ts";
import { missingFrom } from "../../../../../runtime/events/sources/capture/notify_classes.ts";
import { PrefixIndex } from "../../../../../runtime/events/sources/capture/prefix_index.ts";
import { RateLimit } from "../../../../../runtime/events/delivery/rate_limit.ts";
import { Chains } from "../../../../../runtime/events/chains/chains.ts";
import { createRandom } from "../../../../support/random.ts";
import { findKeysOf, toKeyName } from "../../../../../isolate/sandbox/links/written_keys.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

function cover(prefixes: readonly string[], max?: number): string[] {
  return coverPatterns(prefixes.map(parsePrefix), max).map((pattern) => toGlob("", pattern));
}

Deno.test("patterns cover each other, and what means something to a glob is escaped", () => {
  assertEquals(cover(["ab*", "a*", "abc", "b", "b", "c?[x]*"]), ["a*", "b", "c\\?\\[x\\]*"]);
  assertEquals(cover(["x", "*"]), ["*"]);
  assertEquals(cover(["a", "a*"]), ["a*"]);
});

Deno.test("patterns that would be many are joined where they begin alike", () => {
  const many = Array.from({ length: 40 }, (_, index) => `idle:${index}:*`);
  assertEquals(cover(["busy:*", ...many], 2), ["busy:*", "idle:*"]);
  // Nothing in common: they stay.
  assertEquals(cover(["a*", "b*", "c*"], 2), ["a*", "b*", "c*"]);
  assertEquals(cover(["k\u{1F600}*", "k\u{1F601}*"], 1), ["k*"]);
});

Deno.test("the index finds just the prefixes that a key begins with", () => {
  const random = createRandom(7);
  const text = (max: number) =>
    Array.from({ length: random(max) }, () => "ab:"[random(3)]).join("");
  for (let round = 0; round < 200; round++) {
    const prefixes = Array.from({ length: 12 }, () => text(5) + (random(10) < 7 ? "*" : ""));
    const index = new PrefixIndex(prefixes.map((prefix, place) => [prefix, place] as const));
    for (let attempt = 0; attempt < 30; attempt++) {
      const key = text(8);
      const expected = prefixes.flatMap((prefix, place) =>
        (prefix.endsWith("*") ? key.startsWith(prefix.slice(0, -1)) : key === prefix) ? [place] : []
      );
      const found: number[] = [];
      index.find(key, (place) => found.push(place));
      assertEquals(found.toSorted((a, b) => a - b), expected);
      assertEquals(index.has(key), expected.length > 0);
    }
  }
});

Deno.test("classes: only what is missing, and what has to be named only where it is", () => {
  assertEquals(missingFrom("", classesOf(null)), "Kg$lshzxetd");
  assertEquals(missingFrom("AKE", classesOf(null)), "");
  assertEquals(missingFrom("xE", classesOf(new Set(["expired", "set"]))), "K$");
  assertEquals(missingFrom("AK", classesOf(new Set(["keymiss", "new"]))), "mn");
  assertEquals(classesOf(new Set(["json.set"])), "g$lshzxetd");
});

Deno.test("events of commands; what could never fire is refused", () => {
  const filter = (eventTypes: string[] | null, commands: string[] | null) =>
    eventsOf({ eventTypes, commands });
  assertEquals(filter(null, null), null);
  assertEquals(filter(null, []), null);
  assertEquals(
    filter(null, ["incr", "lmove"]),
    new Set(["incrby", "lpop", "rpop", "lpush", "rpush", "del"]),
  );
  assertEquals(filter(["set", "hset"], ["set"]), new Set(["set"]));
  assertEquals(filter(null, ["get"]), new Set(["keymiss"]));
  assertEquals(filter(null, ["json.set"]), new Set(["json.set"]));
  assertThrows(() => filter([], null), Error, "eventTypes is empty");
  assertThrows(() => filter(["hset"], ["set"]), Error, "never fire");
  assertThrows(() => filter(null, ["ping"]), Error, '"ping"');
});

const event = (key: string, name: string) => ({ key, event: name, depth: 0, at: 0 });

Deno.test("a full queue keeps the last event of each key and name, then drops", () => {
  const queue = new EventQueue(10);
  for (let index = 0; index < 10; index++) queue.push(event("k", index % 2 ? "set" : "del"));
  queue.push(event("other", "set"));
  assertEquals(queue.coalesced, 8);
  assertEquals(queue.take(10).map(({ key, event }) => `${key} ${event}`), [
    "k del",
    "k set",
    "other set",
  ]);
  for (let index = 0; index < 12; index++) queue.push(event(`k${index}`, "set"));
  assertEquals([queue.size, queue.dropped], [10, 2]);
});

Deno.test("debounce: the last event of a key, once it is quiet", async () => {
  const seen: string[] = [];
  using debounce = new Debounce(30, ({ key, event }) => seen.push(`${key} ${event}`));
  debounce.push(event("a", "set"));
  debounce.push(event("b", "set"));
  debounce.push(event("a", "del"));
  assertEquals(seen, []);
  await waitUntil(() => seen.length === 2);
  assertEquals(seen, ["b set", "a del"]);
  assertEquals(debounce.size, 0);
});

Deno.test("rate: no more than a rate, whatever the pauses", () => {
  const rate = new RateLimit(50, 0);
  let taken = 0;
  for (let now = 0; now <= 10_000; now += 7) taken += rate.take(1_000, now);
  assert(taken <= 505 && taken >= 495, `${taken}`);
  assert(rate.take(1_000, 60_000) <= 5);
  const slow = new RateLimit(0.5, 0);
  assertEquals(slow.take(9, 0), 1);
  assertEquals(slow.take(9, 1_999), 0);
  assertEquals(slow.take(9, 2_000), 1);
});

Deno.test("chains: a key is a sender's own from its mark to the sender's end", () => {
  const chains = new Chains();
  chains.mark("s1 3 k", 0);
  chains.mark("s2 5 with space", 0);
  assertEquals([chains.depthOf("k"), chains.depthOf("with space"), chains.depthOf("x")], [3, 5, 0]);
  chains.mark("s1", 0);
  assertEquals([chains.depthOf("k"), chains.depthOf("with space")], [0, 5]);
  // An isolate that died sends no end.
  chains.mark("s3 1 y", 60_000);
  assertEquals(chains.depthOf("with space"), 0);
  chains.tell(2, ["told"], 0);
  assertEquals([chains.depthOf("told", () => 100), chains.depthOf("told", () => 9_000)], [2, 0]);
});

Deno.test("keys that a command may write", () => {
  const written = (command: string, ...args: (string | number | Uint8Array)[]) =>
    findKeysOf(command)(args).map(toKeyName);
  assertEquals(written("SET", "k", "v"), ["k"]);
  assertEquals(written("hset", "k", "f", "v"), ["k"]);
  assertEquals(written("GET", "k"), []);
  assertEquals(written("PING"), []);
  assertEquals(written("DEL", "a", "b"), ["a", "b"]);
  assertEquals(written("MSET", "a", 1, "b", 2), ["a", "b"]);
  assertEquals(written("rename", "a", "b"), ["a", "b"]);
  assertEquals(written("EVAL", "return 1", 2, "a", "b", "c"), ["a", "b"]);
  assertEquals(written("XADD", "s", "*", "f", "v"), ["s"]);
  assertEquals(written("BITOP", "AND", "to", "from"), ["to"]);
  assertEquals(written("XGROUP", "CREATE", "s", "g", "$"), ["s"]);
  assertEquals(written("SET", new Uint8Array([0xff]), "v"), ["\uFFFD"]);
});
