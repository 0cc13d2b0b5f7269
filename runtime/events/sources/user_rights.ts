/**
 * True if a Redis user may see what a registration waits for.
 *
 * Events come over connections of the runtime's own, so what a library's user may not read must not
 * come by them. Redis itself is asked: commands that change nothing are run as that user, on a key
 * of the registration that is not there where it waits for many.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { RedisLink } from "../../../redis/link/redis_link.ts";
import { asUser, type RedisAddress, type RedisUser } from "../../../redis/redis_url.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../../redis/resp_encoder.ts";
import { parsePrefix } from "../source/covering_patterns.ts";

/** Lists the commands that a KeysReader uses. */
export function keyCommands(key: string): RespArgument[][] {
  return [["TYPE", key]];
}

/** Lists the commands that a StreamReader uses; their group does not exist. */
export function streamCommands(key: string): RespArgument[][] {
  const group = "pinion:rights";
  return [
    ["XINFO", "GROUPS", key],
    ["XGROUP", "SETID", key, group, "0"],
    ["XREADGROUP", "GROUP", group, "pinion", "COUNT", 1, "STREAMS", key, ">"],
    ["XAUTOCLAIM", key, group, "pinion", 0, "0-0", "COUNT", 1, "JUSTID"],
    ["XPENDING", key, group],
    ["XACK", key, group, "0-1"],
    ["XTRIM", key, "MINID", "0"],
  ];
}

/**
 * Resolves where `user` may run the commands on keys of `prefix`.
 *
 * @throws `REDIS_REFUSED` with what Redis says, `REDIS_UNAVAILABLE`
 */
export async function requireRights(
  address: RedisAddress,
  user: RedisUser,
  { prefix, commandsOn }: {
    readonly prefix: string;
    readonly commandsOn: (key: string) => RespArgument[][];
  },
): Promise<void> {
  const { text, isPrefix } = parsePrefix(prefix);
  const commands = commandsOn(isPrefix ? text + crypto.randomUUID() : text);
  const encoder = new RespEncoder(1_024);
  for (const command of commands) encoder.command(command);
  using link = await RedisLink.connect(asUser(address, user), { name: "pinion-rights" });
  const decoder = new RespDecoder(await link.request(encoder.take(), commands.length));
  for (const [command] of commands) {
    const reply = decoder.next();
    if (!(reply instanceof RespError) || reply.code !== "NOPERM") continue;
    throw new PinionError(
      "REDIS_REFUSED",
      `Cannot register for ${JSON.stringify(prefix)}: the library's Redis user ` +
        `${JSON.stringify(user.username)} may not run ${command} there (${reply.message})`,
    );
  }
}
