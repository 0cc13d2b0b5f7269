/**
 * The thread of `support/get_probe.ts`: asks Redis for a key now and then and takes the time.
 *
 * @module
 */

import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";

/** The first message to the thread; any second one ends it. */
export interface ProbeOrder {
  readonly address: RedisAddress;
  readonly key: string;
}

/** From the thread: it asks now; later, the latencies in milliseconds in the order of asking. */
export type ProbeReport = "asking" | readonly number[];

/** Pause between two questions, in milliseconds. */
const PAUSE_MS = 1;
/** Questions before those that count: code is compiled, the connection is warm. */
const WARM_UP = 200;

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ProbeOrder>) => void) | null;
  postMessage(report: ProbeReport): void;
};

scope.onmessage = async ({ data: { address, key } }) => {
  let isOver = false;
  scope.onmessage = () => isOver = true;
  using link = await RedisLink.connect(address);
  const encoder = new RespEncoder();
  encoder.command(["GET", key]);
  const command = encoder.take();
  const ask = async () => {
    const asked = performance.now();
    await link.request(command, 1);
    const elapsedMs = performance.now() - asked;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return elapsedMs;
  };
  for (let count = 0; count < WARM_UP; count++) await ask();
  scope.postMessage("asking");
  const latencies: number[] = [];
  while (!isOver) latencies.push(await ask());
  scope.postMessage(latencies);
};
