/**
 * Consumers of a stream with ioredis, as a user would write them: each message sets a key and is
 * acknowledged; what is finished is deleted.
 *
 * @module
 */

import type { Redis } from "ioredis";

const GROUP = "consumers";
/** Messages that are read at a time. */
const COUNT = 100;

type Entry = [id: string, fields: string[]];

/** Awaits each command before the next. */
export async function consumeOneByOne(redis: Redis, stream: string, count: number): Promise<void> {
  await consume(redis, stream, count, async (entries) => {
    for (const [id, [, n]] of entries) {
      await redis.set(`out:${n}`, n);
      await redis.xack(stream, GROUP, id);
    }
  });
}

/** Sets and acknowledges what it has read together. */
export async function consumeByPipeline(
  redis: Redis,
  stream: string,
  count: number,
): Promise<void> {
  await consume(redis, stream, count, async (entries) => {
    const pipeline = redis.pipeline();
    for (const [, [, n]] of entries) pipeline.set(`out:${n}`, n);
    pipeline.xack(stream, GROUP, ...entries.map(([id]) => id));
    await pipeline.exec();
  });
}

async function consume(
  redis: Redis,
  stream: string,
  count: number,
  run: (entries: Entry[]) => Promise<void>,
): Promise<void> {
  await redis.xgroup("CREATE", stream, GROUP, "0");
  for (let done = 0; done < count;) {
    const reply = await redis.xreadgroup(
      ...["GROUP", GROUP, "me", "COUNT", COUNT, "STREAMS", stream, ">"] as const,
    ) as [string, Entry[]][] | null;
    const entries = reply![0][1];
    await run(entries);
    done += entries.length;
    await redis.xtrim(stream, "MINID", entries.at(-1)![0]);
  }
}
