/**
 * The keys that a command may write: what a chain of registrations goes on by.
 *
 * @module
 */

import { firstKey } from "../../../redis/command_keys.ts";
import type { CommandArgument } from "../../../sdk/host.ts";

/** Picks the arguments of a command that are keys. */
type KeysOf = (args: readonly CommandArgument[]) => readonly CommandArgument[];

/** Common commands that only read. Others that do are taken to write: that harms nothing. */
const READS: ReadonlySet<string> = new Set(
  (`GET MGET EXISTS TYPE TTL PTTL STRLEN GETRANGE GETBIT BITCOUNT HGET HMGET HGETALL HLEN HKEYS HVALS
   HEXISTS LLEN LRANGE LINDEX SCARD SMEMBERS SISMEMBER SMISMEMBER ZCARD ZSCORE ZRANGE ZRANK ZCOUNT
   XLEN XRANGE XREVRANGE XREAD SCAN PING PUBLISH INFO TIME DBSIZE`).split(/\s+/),
);
/** Commands with more than one key, and which of their arguments are. */
const KEYS_OF: ReadonlyMap<string, KeysOf> = new Map<string, KeysOf>([
  ...pairNames("DEL UNLINK", (args) => args),
  ...pairNames("MSET MSETNX", (args) => args.filter((_, index) => index % 2 === 0)),
  ...pairNames("RENAME RENAMENX COPY SMOVE RPOPLPUSH LMOVE", (args) => args.slice(0, 2)),
  ...pairNames("EVAL EVALSHA FCALL", (args) => args.slice(2, 2 + Number(args[1]))),
  ...pairNames("LMPOP ZMPOP", (args) => args.slice(1, 1 + Number(args[0]))),
  ...pairNames("SORT GEORADIUS GEORADIUSBYMEMBER", (args) => args),
]);

/** Commands whose first argument is the one key that they write. */
export const FIRST: KeysOf = (args) => args.slice(0, 1);
const NONE: KeysOf = () => [];
/** Names of commands as they are given, upper case or not, that were looked up before. */
const known = new Map<string, KeysOf>();
const MAX_KNOWN = 1_000;

const textDecoder = new TextDecoder();

/** Which of a command's arguments are keys that it may write: `FIRST` for most. */
export function findKeysOf(command: string): KeysOf {
  const found = known.get(command);
  if (found !== undefined) return found;
  const keysOf = lookUp(command.toUpperCase());
  if (known.size < MAX_KNOWN) known.set(command, keysOf);
  return keysOf;
}

/** A key as text; one that is no UTF-8 as events of keys have it. */
export function toKeyName(key: CommandArgument): string {
  if (typeof key === "string") return key;
  return key instanceof Uint8Array ? textDecoder.decode(key) : String(key);
}

function lookUp(name: string): KeysOf {
  if (READS.has(name)) return NONE;
  const many = KEYS_OF.get(name);
  if (many !== undefined) return many;
  if (firstKey(name, ["first", "second"]) === "first") return FIRST;
  return (args) => {
    const key = firstKey(name, args);
    return key === undefined ? [] : [key];
  };
}

function pairNames(names: string, keysOf: KeysOf): (readonly [string, KeysOf])[] {
  return names.split(" ").map((name) => [name, keysOf] as const);
}
