/**
 * Tells by trial which classes of notifications a server sends: it changes keys of Pinion's own and
 * looks what comes. For servers whose settings may not be read.
 *
 * @module
 */

import { delay } from "@std/async";
import { RedisLink } from "../../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../../redis/redis_url.ts";
import { RespEncoder } from "../../../../redis/resp_encoder.ts";
import { toGlob } from "../../source/covering_patterns.ts";
import { classesOf } from "./event_table.ts";
import { channelOf } from "./notification_channel.ts";
import { NotificationParser } from "./notification_parser.ts";

const LIFETIME_S = "10";

/** @throws PinionError `REDIS_UNAVAILABLE`, `REDIS_REFUSED` */
export async function probeClasses(
  address: RedisAddress,
  hashtag: string,
): Promise<ReadonlySet<string>> {
  const base = `__pinion:{${hashtag}}:probe:${crypto.randomUUID()}:`;
  const channel = channelOf(address.db);
  const seen = new Set<string>();
  using link = await RedisLink.connect(address, { name: "pinion-probe" });
  using subscribed = await RedisLink.connect(address, { name: "pinion-probe" });
  let isDone = false;
  const parser = new NotificationParser(channel.length, {
    onKeyEvent: (_pattern, _key, event) => seen.add(classesOf(new Set([event]))),
    onPong: (token) => isDone ||= token === "done",
    onError: () => isDone = true,
    onSubscribed() {},
    onUnsubscribed() {},
    onMessage() {},
  });
  await subscribed.request(
    encode([["PSUBSCRIBE", toGlob(channel, { text: base, isPrefix: true })]]),
    1,
  );
  await causeEvents(link, base);
  await subscribed.write(encode([["PING", "done"]]));
  while (!isDone) {
    const chunk = await subscribed.read();
    if (chunk === null) break;
    parser.push(chunk);
  }
  return seen;
}

/** Causes an event of each class, on keys that begin with `base`. */
async function causeEvents(link: RedisLink, base: string): Promise<void> {
  const key = (name: string) => base + name;
  await ask(link, [
    ["SET", key("string"), "1", "PX", "1"],
    ["RPUSH", key("list"), "1"],
    ["SADD", key("set"), "1"],
    ["HSET", key("hash"), "1", "1"],
    ["ZADD", key("zset"), "1", "1"],
    ["XADD", key("stream"), "*", "1", "1"],
    ["GET", key("missing")],
    ...["list", "set", "hash", "zset", "stream"].map((name) => ["EXPIRE", key(name), LIFETIME_S]),
  ]);
  await delay(5);
  await ask(link, [
    ["EXISTS", key("string")],
    ...["list", "set", "hash", "zset", "stream"].map((name) => ["DEL", key(name)]),
  ]);
}

async function ask(link: RedisLink, commands: readonly (readonly string[])[]): Promise<void> {
  await link.request(encode(commands), commands.length);
}

function encode(commands: readonly (readonly string[])[]): Uint8Array {
  const encoder = new RespEncoder(1_024);
  for (const command of commands) encoder.command(command);
  return encoder.take();
}
