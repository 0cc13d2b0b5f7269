/**
 * Events of different depth in a chain are not run together; those of a key are.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { groupByDepth } from "../../../../runtime/events/chains/depth_groups.ts";

const onDone = () => {};

Deno.test("depth groups: one for each depth, all events of a key in one of them", () => {
  const keys = ["a", "all", "b", "all", "a", "c"];
  const events = keys.map((_, place) => `e${place}`);
  const groups = groupByDepth({
    ...{ payload: { kind: "keys", keys, events }, batch: 1, onDone },
    depths: [0, 1, 0, 1, 2, 0],
  });
  assertEquals(groups.map(({ depth, places }) => [depth, places]), [
    [2, [0, 4]],
    [1, [1, 3]],
    [0, [2, 5]],
  ]);
  assertEquals(groups[0].payload, { kind: "keys", keys: ["a", "a"], events: ["e0", "e4"] });
  assertEquals(groups[2].keys, new Set(["b", "c"]));
});

Deno.test("depth groups: a delivery of one depth, and one of a stream, stay as they are", () => {
  const payload = { kind: "keys", keys: ["a", "b"], events: ["set", "set"] } as const;
  const [whole, ...more] = groupByDepth({ payload, batch: 1, depths: [3, 3], onDone });
  assertEquals([whole.payload, whole.places, whole.depth, more], [payload, null, 3, []]);
  const stream = { kind: "stream", key: "s", count: 2, entries: new Uint8Array() } as const;
  const [all] = groupByDepth({ payload: stream, batch: 1, depths: [0, 4], onDone });
  assertEquals([all.payload, all.places, all.depth, all.keys], [stream, null, 4, null]);
});
