/**
 * A second client of the same Redis: asks for a key now and then and takes the time.
 *
 * @module
 */

import { Link } from "../../redis/link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";

/** Pause between two questions, in milliseconds. */
const PAUSE_MS = 1;

/** Asks for `key` until `until` is settled. Latencies in milliseconds, in the order of asking. */
export async function probeGet(
  address: RedisAddress,
  key: string,
  until: Promise<unknown>,
): Promise<number[]> {
  using link = await Link.connect(address);
  const encoder = new RespEncoder();
  encoder.command(["GET", key]);
  const command = encoder.take();
  let isOver = false;
  const end = () => isOver = true;
  until.then(end, end);
  const latencies: number[] = [];
  while (!isOver) {
    const asked = performance.now();
    await link.request(command, 1);
    latencies.push(performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return latencies;
}
