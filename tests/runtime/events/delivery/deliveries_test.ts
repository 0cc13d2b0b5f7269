import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PinionError } from "../../../../errors.ts";
import type { EventsDoneMessage } from "../../../../contract/isolate/messages/events.ts";
import { SessionDeliveries } from "../../../../runtime/session/session_deliveries.ts";

const DIED = new PinionError("ISOLATE_DIED", "dead");

/** A delivery of 10 events in executions of 3, and what its sandbox may say. */
function deliver(executionTimeoutMs = 10_000) {
  const sent: { type: string; id: number }[] = [];
  const said: EventsDoneMessage[] = [];
  const expired: PinionError[] = [];
  const deliveries = new SessionDeliveries({
    executionTimeoutMs,
    send: (message) => sent.push(message),
    mapText: (text) => text.replace("lib.js", "lib.ts"),
    onExpired: (reason) => expired.push(reason),
  });
  const stop = new AbortController();
  const payload = { kind: "stream", key: "s", count: 10, entries: new Uint8Array() } as const;
  const over = deliveries.start({
    ...{ registration: 0, payload, batch: 3 },
    onDone: (message) => said.push(message),
  }, stop.signal);
  const done = (places: number[], rest: Partial<EventsDoneMessage> = {}): EventsDoneMessage => ({
    ...{ type: "eventsDone", id: sent[0].id, done: places, skipped: 0, failures: [] },
    ...{ totalDurationMs: 1, lastDurationMs: 1, isLast: false, ...rest },
  });
  return { deliveries, sent, said, expired, over, done, stop };
}

const failure = (at: number) => ({ at, errors: ["Error: no (lib.js:1:1)"], isFinal: false });

Deno.test("a delivery is over when the sandbox says so", async () => {
  const { deliveries, said, over, done, sent, stop } = deliver();
  assertEquals(deliveries.size, 1);
  deliveries.done(done([0, 3]));
  deliveries.done(done([9], { failures: [failure(9)] }));
  stop.abort();
  assertEquals(sent.map(({ type }) => type), ["events", "eventsEnd"]);
  deliveries.done(done([], { isLast: true }));
  await over;
  assertEquals(deliveries.size, 0);
  assertEquals(said.flatMap((message) => message.done), [0, 3, 9]);
  assertEquals(said[1].failures[0].errors, ["Error: no (lib.ts:1:1)"]);
  deliveries.failAll(DIED);
});

Deno.test("what a sandbox cannot say of a delivery is refused", async () => {
  const lies: Record<string, (done: ReturnType<typeof deliver>["done"]) => EventsDoneMessage> = {
    "another delivery": (done) => ({ ...done([0]), id: 77 }),
    "an execution that has no such place": (done) => done([1]),
    "one beyond the end": (done) => done([12]),
    "one before the beginning": (done) => done([-3]),
    "one twice": (done) => done([3, 3]),
    "one of before": (done) => done([6]),
    "a failure of what is not over": (done) => done([0], { failures: [failure(3)] }),
    "two failures of one": (done) => done([0], { failures: [failure(0), failure(0)] }),
  };
  for (const [name, lie] of Object.entries(lies)) {
    const { deliveries, over, done } = deliver();
    deliveries.done(done([6]));
    assertThrows(() => deliveries.done(lie(done)), RangeError, "expected no", name);
    deliveries.failAll(DIED);
    await assertRejects(() => over, PinionError, "dead");
  }
});

Deno.test("an execution that takes too long ends its delivery", async () => {
  const { deliveries, over, expired } = deliver(60);
  const error = await assertRejects(() => over, PinionError);
  assertEquals(error.code, "LIMIT_TIME");
  assert(expired.includes(error));
  deliveries.failAll(DIED);
});
