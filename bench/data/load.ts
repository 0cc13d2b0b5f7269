/**
 * Writes test data by pipelines over a raw link: millions of keys in seconds.
 *
 * @module
 */

import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespDecoder, RespError } from "../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../redis/resp_encoder.ts";

/** Commands that travel together. */
const BATCH = 1_000;
/** Batches without a reply at a time. */
const BATCHES_UNDER_WAY = 4;

/** Gives every command to Redis. @throws Error with the first error that Redis answered */
export async function load(
  address: RedisAddress,
  commands: Iterable<readonly RespArgument[]>,
): Promise<void> {
  using link = await RedisLink.connect(address);
  const encoder = new RespEncoder();
  const underWay: Promise<void>[] = [];
  const send = () => {
    const count = encoder.commands;
    underWay.push(link.request(encoder.take(), count).then(throwFirstError));
  };
  for (const command of commands) {
    encoder.command(command);
    if (encoder.commands < BATCH) continue;
    send();
    if (underWay.length >= BATCHES_UNDER_WAY) await underWay.shift();
  }
  if (encoder.commands > 0) send();
  await Promise.all(underWay);
}

function throwFirstError(replies: Uint8Array): void {
  const decoder = new RespDecoder(replies);
  while (!decoder.done) {
    const reply = decoder.next();
    if (reply instanceof RespError) throw reply;
  }
}
