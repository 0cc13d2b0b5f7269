/**
 * Finds out what a connection has become whose frames could not be counted.
 *
 * @module
 */

import { TYPE } from "../../../redis/resp_frame.ts";
import type { Upstream } from "./upstream.ts";

const decoder = new TextDecoder();

/**
 * Whether the client is a RESP2 subscriber, to which Redis sends messages as if they were replies.
 *
 * PING with a text that nobody else knows tells: a subscriber gets an array, anyone else the text.
 * When it is answered, so is all that was sent before. A client that may not even PING is none.
 *
 * @throws {PinionError} `REDIS_UNAVAILABLE`
 */
export async function isSubscriber(upstream: Upstream): Promise<boolean> {
  const nonce = crypto.randomUUID();
  const plain = `$${nonce.length}\r\n${nonce}\r\n`;
  const subscribed = `*2\r\n$4\r\npong\r\n${plain}`;
  const frame = await upstream.ask(["PING", nonce], (candidate, type) => {
    if (type === TYPE.error) return /^-NO(AUTH|PERM) /.test(decoder.decode(candidate));
    if (candidate.length > subscribed.length) return false;
    const text = decoder.decode(candidate);
    return text === plain || text === subscribed;
  });
  return frame[0] === TYPE.array;
}
