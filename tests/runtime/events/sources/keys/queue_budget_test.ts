/**
 * Registrations share the room for key events that wait: many of them take no more than one may.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Debounce } from "../../../../../runtime/events/sources/keys/debounce.ts";
import { EventQueue } from "../../../../../runtime/events/sources/keys/event_queue.ts";
import { QueueRoom } from "../../../../../runtime/events/sources/keys/queue_budget.ts";

const event = (key: string) => ({ key, event: "set", depth: 0, at: 0 });

Deno.test("queues share their room, and give it back", () => {
  const room = new QueueRoom(10);
  const queues = Array.from({ length: 4 }, () => new EventQueue(100, room));
  for (let number = 0; number < 40; number++) queues[number % 4].push(event(`k${number}`));
  const sizes = () => queues.reduce((sum, { size }) => sum + size, 0);
  assertEquals(sizes(), 10);
  assertEquals(queues.reduce((sum, { dropped }) => sum + dropped, 0), 30);
  queues[0].take(1);
  assert(queues[3].push(event("more")));
  assertEquals(queues[3].push(event("too many")), false);
  for (const queue of queues) queue.clear();
  assertEquals(room.isFull, false);
  for (let number = 0; number < 10; number++) assert(queues[0].push(event(`k${number}`)));
  assertEquals([queues[0].size, room.isFull], [10, true]);
  // Where the room is full, events that say the same make way.
  queues[0].clear();
  for (let number = 0; number < 20; number++) queues[1].push(event("same"));
  assert(queues[1].push(event("same")));
  assertEquals(queues[1].dropped - 7 <= 1, true);
});

Deno.test("what is held back shares it, too", () => {
  const room = new QueueRoom(3);
  const quiet: string[] = [];
  using debounce = new Debounce(60_000, ({ key }) => quiet.push(`${key}`), room);
  for (const key of ["a", "b", "b", "c", "d"]) debounce.push(event(key));
  assertEquals([quiet, debounce.size], [["a", "b"], 2]);
  debounce.clear();
  assertEquals(room.isFull, false);
});
