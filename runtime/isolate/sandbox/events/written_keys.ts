/**
 * The keys that a command may write: what a chain of registrations goes on by.
 *
 * @module
 */

import { firstKey } from "../../../../redis/command_keys.ts";
import type { CommandArgument } from "../../../../sdk/host.ts";

/** Those of a command's arguments that are keys. */
type KeysOf = (args: readonly CommandArgument[]) => readonly CommandArgument[];

/** Common commands that only read. Others that do are taken to write: that harms nothing. */
const READS: ReadonlySet<string> = new Set(
  (`GET MGET EXISTS TYPE TTL PTTL STRLEN GETRANGE GETBIT BITCOUNT HGET HMGET HGETALL HLEN HKEYS HVALS
   HEXISTS LLEN LRANGE LINDEX SCARD SMEMBERS SISMEMBER SMISMEMBER ZCARD ZSCORE ZRANGE ZRANK ZCOUNT
   XLEN XRANGE XREVRANGE XREAD SCAN PING PUBLISH INFO TIME DBSIZE`).split(/\s+/),
);
/** Commands with more than one key, and which of their arguments are. */
const KEYS_OF: ReadonlyMap<string, KeysOf> = new Map<string, KeysOf>([
  ...named("DEL UNLINK", (args) => args),
  ...named("MSET MSETNX", (args) => args.filter((_, index) => index % 2 === 0)),
  ...named("RENAME RENAMENX COPY SMOVE RPOPLPUSH LMOVE", (args) => args.slice(0, 2)),
  ...named("EVAL EVALSHA FCALL", (args) => args.slice(2, 2 + Number(args[1]))),
  ...named("LMPOP ZMPOP", (args) => args.slice(1, 1 + Number(args[0]))),
  ...named("SORT GEORADIUS GEORADIUSBYMEMBER", (args) => args),
]);

const textDecoder = new TextDecoder();

/** The keys as text, those that are no UTF-8 as the events of keys have them. */
export function writtenKeys(command: string, args: readonly CommandArgument[]): readonly string[] {
  const name = command.toUpperCase();
  if (READS.has(name)) return [];
  const many = KEYS_OF.get(name);
  if (many !== undefined) return many(args).map(toText);
  const key = firstKey(name, args);
  return key === undefined ? [] : [toText(key)];
}

function toText(key: CommandArgument): string {
  return key instanceof Uint8Array ? textDecoder.decode(key) : String(key);
}

function named(names: string, keysOf: KeysOf): (readonly [string, KeysOf])[] {
  return names.split(" ").map((name) => [name, keysOf] as const);
}
