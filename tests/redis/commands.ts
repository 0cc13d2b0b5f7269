/**
 * Short forms to talk to a server in tests.
 *
 * @module
 */

import type { RedisLink } from "../../redis/link/redis_link.ts";
import { RespDecoder, type RespValue } from "../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../redis/resp_encoder.ts";

/** Commands as bytes. */
export function encodeCommands(
  ...commands: readonly (readonly RespArgument[])[]
): Uint8Array<ArrayBuffer> {
  const encoder = new RespEncoder();
  for (const command of commands) encoder.command(command);
  return encoder.take();
}

/** The values of all frames. */
export function decodeAll(bytes: Uint8Array): RespValue[] {
  const decoder = new RespDecoder(bytes);
  const values: RespValue[] = [];
  while (!decoder.done) values.push(decoder.next());
  return values;
}

/** Runs one command; its reply. */
export async function ask(
  link: RedisLink,
  ...command: readonly RespArgument[]
): Promise<RespValue> {
  return decodeAll(await link.request(encodeCommands(command), 1))[0];
}
