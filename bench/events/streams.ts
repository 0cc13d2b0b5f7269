/**
 * A StreamReader that gives one `execute("SET")` for each of 200,000 messages, one or a hundred at
 * a time, beside consumers with ioredis that do the same.
 *
 * From the deploy, whose first isolate is started in advance, to the last key that is set. All
 * messages are there before: what adds them would take the processors from what reads them.
 *
 * @module
 */

import { delay } from "@std/async";
import type { Redis } from "ioredis";
import { ManagedServer } from "../../servers/managed_server.ts";
import { consumeByPipeline, consumeOneByOne } from "../baselines/stream_consumers.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns } from "../harness/take_turns.ts";
import { connectClient } from "../support/ioredis_client.ts";
import { RuntimeProcess } from "../support/runtime_process.ts";

const MESSAGES = 200_000;
/** Of the consumer that awaits each command: it would take a minute for all. */
const FEW_MESSAGES = 30_000;
const STREAM = "orders";
/** Messages that are added at a time. */
const ADD_BATCH = 1_000;
/** Time between two looks at the number of keys, in milliseconds. */
const LOOK_MS = 2;

const libraryOf = (batch: number): string => `
  import { execute, GB } from "pinion";
  GB("StreamReader")
    .forEach((r) => execute("SET", "out:" + r.value.n, r.value.n))
    .register({ prefix: "${STREAM}", batch: ${batch}, duration: 10 });`;

/** See the module. */
export const streams: Benchmark = {
  name: "streams",
  summary: "StreamReader, batches of 1 and 100, beside consumers with ioredis",
  async run({ options: { repeat, keys } }) {
    await using server = await ManagedServer.start();
    await using runtime = await RuntimeProcess.start(server.url);
    using client = await connectClient(server.url);
    const { redis } = client;
    const messages = Math.min(MESSAGES, keys);
    const few = Math.min(FEW_MESSAGES, keys);
    const ours = (batch: number) => async () => {
      await prepare(redis, messages);
      await runtime.becomeQuiet(1);
      const started = performance.now();
      await runtime.deploy("streams", libraryOf(batch));
      await untilKeys(redis, messages);
      const elapsedMs = performance.now() - started;
      await untilRead(redis);
      await runtime.undeploy("streams");
      return 1_000 * messages / elapsedMs;
    };
    const theirs = (consume: typeof consumeOneByOne, count: number) => async () => {
      await prepare(redis, count);
      const started = performance.now();
      await consume(redis, STREAM, count);
      const elapsedMs = performance.now() - started;
      await untilKeys(redis, count);
      return 1_000 * count / elapsedMs;
    };
    const rates = await takeTurns({
      single: ours(1),
      oneByOne: theirs(consumeOneByOne, few),
      hundred: ours(100),
      pipelined: theirs(consumeByPipeline, messages),
    }, repeat);
    const row = (name: string, batch: number, samples: readonly number[]) =>
      ({
        name: `streams/${name}`,
        title: `StreamReader, batch ${batch}`,
        unit: "records/s",
        ours: summarize(samples),
      }) as const;
    const single = row("single", 1, rates.single);
    const hundred = row("hundred", 100, rates.hundred);
    const value = (limit: number) => ({ of: "value", bound: "atLeast", limit }) as const;
    const ratio = (limit: number) => ({ of: "ratio", bound: "atLeast", limit }) as const;
    return [
      makeRow({ ...single, target: value(45_000) }),
      makeRow({
        ...single,
        name: "streams/single_ratio",
        baseline: { title: "ioredis, one by one", figure: summarize(rates.oneByOne) },
        target: ratio(1.5),
      }),
      makeRow({ ...hundred, target: value(140_000) }),
      makeRow({
        ...hundred,
        name: "streams/hundred_ratio",
        baseline: { title: "ioredis, pipelines of 100", figure: summarize(rates.pipelined) },
        target: ratio(1.2),
      }),
    ];
  },
};

/** An empty server with a stream of so many messages. */
async function prepare(redis: Redis, count: number): Promise<void> {
  await redis.flushall();
  for (let from = 0; from < count; from += ADD_BATCH) {
    const pipeline = redis.pipeline();
    for (let n = from; n < Math.min(from + ADD_BATCH, count); n++) {
      pipeline.xadd(STREAM, "*", "n", n);
    }
    await pipeline.exec();
  }
}

/** Resolves when all messages have had their effect. */
async function untilKeys(redis: Redis, count: number): Promise<void> {
  const script = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('DBSIZE') or 0";
  const last = `out:${count - 1}`;
  // Of what is there besides: the stream, and what Pinion keeps.
  while (Number(await redis.eval(script, 1, last)) < count) await delay(LOOK_MS);
}

/** Resolves when all messages are acknowledged and deleted. */
async function untilRead(redis: Redis): Promise<void> {
  while (await redis.xlen(STREAM) > 0) await delay(LOOK_MS);
}
