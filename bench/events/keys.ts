/**
 * A KeysReader that gives one `execute("INCR")` for each of 100,000 SETs, every one counted; and
 * ten busy registrations by themselves and beside 190 that have nothing to do.
 *
 * From the first SET to the last INCR: what writes the keys runs on the same processors.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { RedisLink } from "../../redis/link/redis_link.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns } from "../harness/take_turns.ts";
import { connectClient } from "../support/ioredis_client.ts";
import { RuntimeProcess } from "../support/runtime_process.ts";

const EVENTS = 100_000;
/** Different keys: each is written several times. */
const KEYS = 20_000;
/** SETs that travel together. */
const BATCH = 500;
/** Registrations that have events to run, and those that have none. */
const BUSY = 10;
const IDLE = 190;
/** Time between two looks at the count, in milliseconds. */
const LOOK_MS = 2;

/** Registrations of the keys `busy:N:…`, each counting into a key of its own, and of `idle:N:…`. */
function libraryOf(busy: number, idle: number, readValue: boolean): string {
  return `
  import { execute, GB } from "pinion";
  for (let n = 0; n < ${busy}; n++) {
    GB("KeysReader")
      .forEach(() => execute("INCR", "count:" + n))
      .register({ prefix: "busy:" + n + ":*", eventTypes: ["set"], readValue: ${readValue} });
  }
  for (let n = 0; n < ${idle}; n++) {
    GB("KeysReader")
      .forEach(() => execute("INCR", "idle"))
      .register({ prefix: "idle:" + n + ":*", eventTypes: ["set"], readValue: ${readValue} });
  }`;
}

/** See the module. */
export const keyEvents: Benchmark = {
  name: "key_events",
  summary: "KeysReader on SET, and 200 registrations on one shard",
  async run({ options: { repeat, keys } }) {
    await using server = await ManagedServer.start();
    await using runtime = await RuntimeProcess.start(server.url);
    using client = await connectClient(server.url);
    using writer = await RedisLink.connect(server.address);
    const { redis } = client;
    const events = Math.min(EVENTS, keys);
    const rate = (busy: number, idle: number, readValue: boolean) => async () => {
      await redis.flushall();
      await runtime.becomeQuiet(1);
      await runtime.deploy("events", libraryOf(busy, idle, readValue));
      const batches = encodeSets(events, busy);
      const started = performance.now();
      for (const batch of batches) await writer.request(batch, BATCH);
      await untilCounted(redis, events, busy);
      const elapsedMs = performance.now() - started;
      await runtime.undeploy("events");
      return 1_000 * events / elapsedMs;
    };
    const rates = await takeTurns({
      values: rate(1, 0, true),
      names: rate(1, 0, false),
      busyAlone: rate(BUSY, 0, true),
      busyBeside: rate(BUSY, IDLE, true),
    }, repeat);
    const atLeast = (of: "value" | "ratio", limit: number) =>
      ({ of, bound: "atLeast", limit }) as const;
    const unit = "records/s";
    return [
      makeRow({
        ...{ name: "key_events/values", title: "KeysReader on SET, values read", unit },
        ours: summarize(rates.values),
        target: atLeast("value", 50_000),
      }),
      makeRow({
        ...{ name: "key_events/names", title: "KeysReader on SET, readValue: false", unit },
        ours: summarize(rates.names),
      }),
      makeRow({
        ...{ name: "key_events/registrations", title: "10 busy beside 190 idle ones", unit },
        ours: summarize(rates.busyBeside),
        baseline: { title: "without the idle ones", figure: summarize(rates.busyAlone) },
        target: atLeast("ratio", 0.8),
      }),
    ];
  },
};

/** SETs of keys in turn, encoded: encoding is not what is measured. */
function encodeSets(events: number, busy: number): Uint8Array[] {
  const batches: Uint8Array[] = [];
  const encoder = new RespEncoder();
  for (let n = 0; n < events; n++) {
    encoder.command(["SET", `busy:${n % busy}:${n % KEYS}`, `value ${n}`]);
    if (encoder.commands === BATCH) batches.push(encoder.take());
  }
  return batches;
}

/** Resolves when every event was counted. @throws Error if one was counted twice */
async function untilCounted(redis: Redis, events: number, busy: number): Promise<void> {
  const names = Array.from({ length: busy }, (_, n) => `count:${n}`);
  let counted = 0;
  while (counted < events) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    counted = (await redis.mget(names)).reduce((sum, count) => sum + Number(count), 0);
  }
  if (counted > events) throw new Error(`${counted} of ${events} events were counted`);
}
