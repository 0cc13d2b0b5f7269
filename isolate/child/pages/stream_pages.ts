/**
 * Reads the entries of a stream page by page, up to the last one that it has when reading begins.
 *
 * @module
 */

import type { RedisLink } from "../../../redis/link/redis_link.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { ReadRequest } from "../../../contract/isolate/worker_border.ts";
import type { KeyPage } from "./page.ts";
import { isElsewhere } from "./scan_reply.ts";

/** Entries of a page. */
const PAGE_ENTRIES = 1_000;

type StreamRequest = Extract<ReadRequest, { kind: "stream" }>;

/**
 * Pages of the entries after `fromId`. A key that does not exist, or belongs to another shard, has
 * none.
 *
 * @throws Error with what Redis answered, such as to a malformed id
 */
export async function* readStreamPages(
  link: RedisLink,
  { key, fromId }: StreamRequest,
): AsyncGenerator<KeyPage, void, void> {
  const reply = await send(link, ["XLEN", key]);
  if (isElsewhere(reply)) return;
  const length = Number(decode(reply));
  const [last] = await ask(link, ["XREVRANGE", key, "+", "-", "COUNT", "1"]) as [string][];
  // Checks the id just as RedisGears does, also where the stream is empty.
  await ask(link, ["XREAD", "COUNT", "1", "STREAMS", key, fromId]);
  if (last === undefined) return;
  let after = fromId;
  for (let scanned = 0; after !== last[0];) {
    const range = ["XRANGE", key, `(${after}`, last[0], "COUNT", String(PAGE_ENTRIES)];
    const values = new Uint8Array(await send(link, range));
    const entries = decode(values);
    if (!Array.isArray(entries) || entries.length === 0) return;
    after = String(entries[entries.length - 1][0]);
    scanned += entries.length;
    const segment = {
      type: "entries",
      count: entries.length,
      keys: new Uint8Array(),
      values,
    } as const;
    yield { segments: [segment], scanned, expected: Math.max(scanned, length) };
  }
}

async function ask(link: RedisLink, command: readonly string[]): Promise<unknown> {
  return decode(await send(link, command));
}

function send(link: RedisLink, command: readonly string[]): Promise<Uint8Array> {
  const encoder = new RespEncoder(256);
  encoder.command(command);
  return link.request(encoder.take(), 1);
}

function decode(reply: Uint8Array): unknown {
  const value = new RespDecoder(reply).next();
  if (value instanceof RespError) throw new Error(value.message);
  return value;
}
