/**
 * Finds the first key of a command, so that it can be sent to the shard that owns the key.
 *
 * Pure: runs in the sandbox.
 *
 * Source: COMMAND of Redis 7.0, `first key` and key specifications.
 *
 * @module
 */

import { uncurryThis } from "./intrinsics.ts";
import type { RespArgument } from "./resp_encoder.ts";

/** Place of the key among the arguments, from 0; or how to find it. */
type KeyPosition = number | "none" | "numkeys" | "after STREAMS" | "migrate";

const toUpperCase = uncurryThis(String.prototype.toUpperCase);
const startsWith = uncurryThis(String.prototype.startsWith);
const lookUp = uncurryThis(Map.prototype.get) as <K, V>(
  map: ReadonlyMap<K, V>,
  key: K,
) => V | undefined;
const textDecoder = new TextDecoder();
const decode = textDecoder.decode.bind(textDecoder);
const Bytes = Uint8Array;
const toText = String;

/** Commands whose key is not their first argument; of those with sub-commands, the sub-commands. */
const PLACES: ReadonlyMap<string, KeyPosition> = new Map<string, KeyPosition>([
  ...placed(
    "none",
    `ACL ASKING AUTH BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND CONFIG DBSIZE DEBUG DISCARD ECHO EXEC
     FAILOVER FLUSHALL FLUSHDB FUNCTION HELLO INFO KEYS LASTSAVE LATENCY LOLWUT MEMORY MODULE MONITOR
     MULTI OBJECT PFSELFTEST PING PSUBSCRIBE PSYNC PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY READONLY
     READWRITE REPLCONF REPLICAOF RESET ROLE SAVE SCAN SCRIPT SELECT SHUTDOWN SLAVEOF SLOWLOG SUBSCRIBE
     SWAPDB SYNC TIME TS.MGET TS.MRANGE TS.MREVRANGE TS.QUERYINDEX UNSUBSCRIBE UNWATCH WAIT WAITAOF
     XGROUP XINFO`,
  ),
  ...placed(1, "BITOP PFDEBUG LMPOP SINTERCARD ZINTER ZINTERCARD ZDIFF ZUNION ZMPOP"),
  ...placed("numkeys", "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP"),
  ...placed("after STREAMS", "XREAD XREADGROUP"),
  ["MIGRATE", "migrate"],
]);

/** Sub-commands that have a key behind them. */
const KEYED_SUBCOMMANDS: ReadonlyMap<string, true> = new Map([
  ...pairs("OBJECT", "FREQ IDLETIME ENCODING REFCOUNT"),
  ...pairs("MEMORY", "USAGE"),
  ...pairs("XGROUP", "CREATECONSUMER CREATE DESTROY DELCONSUMER SETID"),
  ...pairs("XINFO", "STREAM GROUPS CONSUMERS"),
  ...pairs("DEBUG", "OBJECT"),
]);

/**
 * The first key of a command, as text or bytes; undefined where it has none. A command that is not
 * known is taken to have its key first, as most have; those of a search index have none.
 */
export function firstKey(
  command: string,
  args: readonly RespArgument[],
): string | Uint8Array | undefined {
  const name = toUpperCase(command);
  const place = lookUp(PLACES, name) ?? (startsWith(name, "FT.") ? "none" : 0);
  if (typeof place === "number") return toKey(args[place]);
  switch (place) {
    case "none":
      return lookUp(KEYED_SUBCOMMANDS, `${name} ${toWord(args[0])}`) ? toKey(args[1]) : undefined;
    case "numkeys":
      return toWord(args[1]) === "0" ? undefined : toKey(args[2]);
    case "after STREAMS":
      return toKey(args[indexOfWord(args, "STREAMS") + 1]);
    case "migrate":
      return toText(args[2]) === "" ? toKey(args[indexOfWord(args, "KEYS") + 1]) : toKey(args[2]);
  }
}

function placed(place: KeyPosition, names: string): (readonly [string, KeyPosition])[] {
  return names.split(/\s+/).map((name) => [name, place] as const);
}

function pairs(command: string, subcommands: string): (readonly [string, true])[] {
  return subcommands.split(" ").map((word) => [`${command} ${word}`, true] as const);
}

function toKey(arg: RespArgument | undefined): string | Uint8Array | undefined {
  if (arg === undefined || arg instanceof Bytes) return arg;
  return toText(arg);
}

/** Place of a word; behind the last argument where it is not there. */
function indexOfWord(args: readonly RespArgument[], word: string): number {
  for (let index = 0; index < args.length; index++) {
    if (toWord(args[index]) === word) return index;
  }
  return args.length;
}

function toWord(arg: RespArgument | undefined): string {
  return toUpperCase(arg instanceof Bytes ? decode(arg) : toText(arg));
}
