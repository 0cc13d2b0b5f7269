/**
 * How many events go into a delivery, under loads of a known shape.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DeliverySize } from "../../../../runtime/events/sources/keys/delivery_size.ts";

/** Runs deliveries that take what `tookMs` says of their size; the sizes. */
function run(
  size: DeliverySize,
  deliveries: number,
  tookMs: (events: number) => number,
  waiting = 10_000,
): number[] {
  return Array.from({ length: deliveries }, () => {
    const { events } = size;
    size.ended(events, tookMs(events), waiting);
    return events;
  });
}

Deno.test("delivery size: grows where it is the delivery that takes the time", () => {
  for (const fixedMs of [80, 400, 2_000]) {
    const size = new DeliverySize();
    run(size, 20, (events) => fixedMs + events * 0.05);
    assertEquals(size.events, 512, `${fixedMs} ms`);
  }
});

Deno.test("delivery size: grows no further than it pays", () => {
  const size = new DeliverySize();
  const sizes = run(size, 40, (events) => 60 * events);
  assert(Math.max(...sizes) <= 32, sizes.join());
  assertEquals(size.events, 16);
});

Deno.test("delivery size: stays as it is where nothing waits", () => {
  const size = new DeliverySize();
  run(size, 20, () => 100, 0);
  assertEquals(size.events, 16);
});

Deno.test("delivery size: falls when the function becomes slow, and comes back", () => {
  const size = new DeliverySize();
  run(size, 10, () => 5);
  assertEquals(size.events, 512);
  run(size, 100, (events) => 60 * events);
  assertEquals(size.events, 16);
  run(size, 100, (events) => 60 + events * 0.01);
  assertEquals(size.events, 512);
});
